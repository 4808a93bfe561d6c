//! `mvm heap`: reports, moments, maps and pictures; what docs/MEMORY.md shows of it is what it prints.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::tool::{Scratch, command, mvm, mvm_with};

/// A list of nodes, built by main and lost at the end of `lose`.
const LIST: &str = "class Node {
    field value: i64
    field next: Node
}

func main() -> i64 {
    .local  list: Node
    mov     i, 0
more:
    new     list, Node(i, list)
    call    lose()
    add     i, i, 1
    blt     i, COUNT, more
    sys     print(\"built\\n\")
    get     v, list.value
    ret     v
}

func lose() {
    new     n, Node(7, null)
    get     v, n.value
    set     n.value, v
    ret
}
";

fn list(count: u32) -> String {
    LIST.replace("COUNT", &count.to_string())
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn leak() -> String {
    root().join("examples/leak.masm").to_str().unwrap().to_string()
}

/// The JSON of a run.
fn json(args: &[&str], input: &str) -> Value {
    let run = mvm_with(&[&["heap", "--json"], args].concat(), input);
    serde_json::from_str(&run.err).unwrap_or_else(|error| panic!("{error}: {}", run.err))
}

/// What must not depend on the collector: moment and live figures.
fn live_part(report: &Value) -> Value {
    let classes: Vec<Value> = report["classes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| serde_json::json!([row["class"], row["live"], row["retained_bytes"]]))
        .filter(|row| row[1]["objects"] != 0)
        .collect();
    let retained: Vec<&Value> =
        report["retainers"].as_array().unwrap().iter().map(|row| &row["object"]["retained_bytes"]).collect();
    serde_json::json!([
        report["moment"],
        report["live"],
        classes,
        retained,
        report["root_count"],
        report["allocated_bytes"]
    ])
}

#[test]
fn a_report_has_classes_retainers_a_way_and_a_map() {
    let run = mvm_with(&["heap", "-"], list(6));
    assert_eq!((run.status, &*run.out), (5, "built\n"));
    expect_test::expect![[r#"
        heap of <stdin> where main returns, after 7 reductions
          in main (<stdin>:16)
          live                7 objects       160 B   kept alive by 2 roots
          garbage             6 objects       144 B   until the next collection
          memory                              512 B   of the host
          generational collector: 0 young, 0 full; allocated 304 B in all, limit 1.0 GiB

        classes
                live       bytes    share    retained      garbage       bytes  class
                   6       144 B   90.0 %       144 B            6       144 B  Node
                   1        16 B   10.0 %        16 B            0         0 B  str

        what keeps most alive, and what is below it
            retained    share   own bytes  object
               144 B   90.0 %        24 B  @32 Node { value: 5, next: Node { val...      variable `list` of main (<stdin>:16)
                                             5 more `Node`, each below the one before
                16 B   10.0 %        16 B  @38 str "built\n"                             literal 0

        shortest way to @2 Node, 5 references
          variable `list` of main (<stdin>:16)
            @32 Node { value: 5, next: Node { val...
            .next -> `Node`, 4 times
            .next -> @2 Node { value: 0, next: null }

        map, 8 B a cell   # live  + live and other  x garbage  o hole  . free
        now
          flat      ###xxx###xxx###xxx###xxx###xxx###xxx##........................    304 B of 496 B
        after a full collection
          flat      ####################............................................  160 B of 1008 B
    "#]].assert_eq(&run.err);
}

#[test]
fn objects_of_a_class_and_ways_to_objects_can_be_asked_for() {
    let run = mvm_with(&["heap", "--class", "Node", "--top", "2", "-"], list(6));
    expect_test::expect![[r#"
        heap of <stdin> where main returns, after 7 reductions
          in main (<stdin>:16)
          live                7 objects       160 B   kept alive by 2 roots
          garbage             6 objects       144 B   until the next collection
          memory                              512 B   of the host
          generational collector: 0 young, 0 full; allocated 304 B in all, limit 1.0 GiB

        6 live objects of class Node
          144 B in all, 144 B retained together; garbage: 6 objects, 144 B
            retained    share   own bytes  object
               144 B   90.0 %        24 B  @32 Node { value: 5, next: Node { val...
               120 B   75.0 %        24 B  @26 Node { value: 4, next: Node { val...
                   4 more

        shortest way to @32 Node, 0 references
          variable `list` of main (<stdin>:16)
            @32 Node { value: 5, next: Node { val...
    "#]]
    .assert_eq(&run.err);
    let run = mvm_with(&["heap", "--path", "str", "-"], list(6));
    expect_test::expect![[r#"
        heap of <stdin> where main returns, after 7 reductions
          in main (<stdin>:16)
          live                7 objects       160 B   kept alive by 2 roots
          garbage             6 objects       144 B   until the next collection
          memory                              512 B   of the host
          generational collector: 0 young, 0 full; allocated 304 B in all, limit 1.0 GiB

        shortest way to @38 str, 0 references
          literal 0
            @38 str "built\n"
    "#]]
    .assert_eq(&run.err);
    let report = json(&["-"], &list(6));
    let at = report["retainers"][0]["object"]["at"].to_string();
    let by_index = mvm_with(&["heap", "--path", &at, "-"], list(6));
    let by_name = mvm_with(&["heap", "--path", "Node", "-"], list(6));
    assert_eq!(by_index.err, by_name.err);
    assert!(by_index.err.contains("variable `list` of main (<stdin>:16)"), "{}", by_index.err);
}

#[test]
fn live_figures_are_the_same_under_every_collector() {
    let leak = leak();
    for at in ["", "--at=1000", "--at=2345"] {
        let mut wanted = None;
        for options in [
            &["--gc=generational"][..],
            &["--gc=generational", "--gc-young=8k"],
            &["--gc=compact"],
            &["--gc=copying"],
            &["--gc-stress=13", "--gc-check"],
        ] {
            let at = (!at.is_empty()).then_some(at);
            let args: Vec<&str> = options.iter().copied().chain(at).chain([&*leak]).collect();
            let seen = live_part(&json(&args, ""));
            assert_eq!(*wanted.get_or_insert_with(|| seen.clone()), seen, "{args:?}");
        }
    }
}

#[test]
fn sums_agree() {
    let report = json(&["--gc-young=8k", "--at", "2500", "--top", "1000", &leak()], "");
    let sum = |field: &str, part: &str| -> u64 {
        let rows = report["classes"].as_array().unwrap();
        rows.iter().map(|row| row[field][part].as_u64().unwrap()).sum()
    };
    for (field, part) in
        [("live", "objects"), ("live", "bytes"), ("garbage", "objects"), ("garbage", "bytes")]
    {
        assert_eq!(report[field][part], sum(field, part), "{field} {part}");
    }
    let retainers = report["retainers"].as_array().unwrap();
    assert_eq!(report["retainer_count"], retainers.len());
    let retained: u64 = retainers.iter().map(|row| row["object"]["retained_bytes"].as_u64().unwrap()).sum();
    assert_eq!(report["live"]["bytes"], retained, "what is at the top of the tree keeps everything");
    let used = |map: &str| -> u64 {
        report[map]["spaces"].as_array().unwrap().iter().map(|row| row["used_bytes"].as_u64().unwrap()).sum()
    };
    let all = ["live", "garbage"].map(|part| report[part]["bytes"].as_u64().unwrap());
    assert_eq!(used("before"), all[0] + all[1] + report["hole_bytes"].as_u64().unwrap());
    assert_eq!(used("after"), all[0], "a full collection leaves what is live");
    for map in ["before", "after"] {
        let cell = report[map]["cell_bytes"].as_u64().unwrap();
        for row in report[map]["spaces"].as_array().unwrap() {
            let cells = row["cells"].as_str().unwrap();
            assert_eq!(cells.len() as u64, row["used_bytes"].as_u64().unwrap().div_ceil(cell));
            assert!(map == "before" || cells.bytes().all(|cell| cell == b'#'), "{cells}");
        }
    }
}

#[test]
fn a_moment_can_be_chosen_exactly() {
    let report = json(&["--at", "1234", &leak()], "");
    assert_eq!(
        (&report["moment"]["why"], &report["moment"]["reductions"]),
        (&"reached".into(), &1234.into())
    );
    // Less than the limit of the program stops it; the limit itself is an error, as under `run`.
    let run = mvm(&["heap", "--at", "100", "--limit-reductions", "200", "--no-map", &leak()]);
    assert!(
        run.status == 0 && !run.err.contains("error") && run.err.contains(" after 100 reductions"),
        "{}",
        run.err
    );
    let run = mvm(&["heap", "--at", "300", "--limit-reductions", "200", "--no-map", &leak()]);
    assert_eq!(run.status, 3);
    assert!(run.err.starts_with("error: the limit of 200 reductions was reached"), "{}", run.err);
    assert!(
        run.err.contains("\nheap of ") && run.err.contains(" at the limit, after 200 reductions"),
        "{}",
        run.err
    );
}

#[test]
fn a_program_may_end_before_the_moment() {
    let run = mvm_with(&["heap", "--at", "1m", "-"], list(6));
    assert_eq!((run.status, &*run.out), (5, "built\n"));
    let head: String = run.err.lines().take(4).map(|line| format!("{line}\n")).collect();
    expect_test::expect![[r#"
        heap of <stdin> after its end, 7 reductions
          the program ended before it needed more than 1,000,000 reductions
          the variables of main are gone; without --at they are kept until it returns
          live                 1 object        16 B   kept alive by 1 root
    "#]]
    .assert_eq(&head);
}

#[test]
fn every_end_has_roots() {
    let scratch = Scratch::new("heap-ends");
    let main = |end: &str| {
        format!(
            "class A {{\n field x: i64\n}}\nfunc main() {{\n new a, A(1)\n call f(a)\n ret\n}}\nfunc f(a: A) {{\n{end}\n ret\n}}\n"
        )
    };
    for (name, end, status, why) in [
        ("exit", " sys exit(9)", 9, "exit"),
        ("uncaught", " .local b: A\n get x, b.x\n set a.x, x", 1, "uncaught"),
        ("return", " set a.x, 2", 0, "return"),
    ] {
        let path = scratch.file(&format!("{name}.masm"), main(end));
        let run = mvm(&["heap", "--json", "-o", &scratch.path("out.json"), &path]);
        assert_eq!(run.status, status, "{name}: {}", run.err);
        let report: Value =
            serde_json::from_str(&std::fs::read_to_string(scratch.path("out.json")).unwrap()).unwrap();
        assert_eq!(report["moment"]["why"], why);
        let roots = report["roots"].as_array().unwrap();
        let found = roots.iter().find(|row| row["object"]["class"] == "A");
        let text = found.unwrap_or_else(|| panic!("{name}: {roots:?}"))["root"].as_str().unwrap();
        assert!(text.starts_with("variable `a` of "), "{name}: {text}");
    }
    // A main that ends by a tail call is not there any more.
    let path = scratch.file("tail.masm", main(" set a.x, 2").replace(" call f(a)\n ret", " tailcall f(a)"));
    let run = mvm(&["heap", "--no-map", &path]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(run.err.contains("the variables of main are gone: its last call took its place"), "{}", run.err);
    assert!(run.err.contains("live                0 objects"), "{}", run.err);
}

#[test]
fn heaps_at_their_limit_and_no_heap_at_all_can_be_looked_at() {
    let run = mvm_with(&["heap", "-"], "func main() {\n ret\n}");
    assert_eq!(run.status, 0);
    expect_test::expect![[r#"
        heap of <stdin> where main returns, after 0 reductions
          in main (<stdin>:2)
          live                0 objects         0 B   kept alive by 0 roots
          garbage             0 objects         0 B
          memory                                0 B   of the host
          generational collector: 0 young, 0 full; allocated 0 B in all, limit 1.0 GiB
    "#]]
    .assert_eq(&run.err);
    for gc in ["generational", "compact"] {
        let run = mvm_with(&["heap", "--limit-heap", "1m", "--gc", gc, "-"], list(1 << 30));
        assert_eq!(run.status, 1, "{}", run.err);
        assert!(run.err.starts_with("error: uncaught `OutOfMemory`"), "{}", run.err);
        assert!(run.err.contains("where an exception was not caught"), "{}", run.err);
        assert!(run.err.contains("after a full collection\n"), "{}", run.err);
    }
}

#[test]
fn a_list_of_a_million_objects_is_no_problem() {
    let report = json(&["-"], &list(1_000_000));
    assert_eq!(report["live"]["objects"], 1_000_001);
    let top = &report["retainers"][0];
    assert_eq!(top["object"]["retained_bytes"], 24_000_000);
    assert!(top["chain"].as_u64().unwrap() > 900_000 && top["below"].as_array().unwrap().is_empty());
    let way = &report["path"];
    assert!(way["length"].as_u64().unwrap() > 1000, "{way}");
    let steps = way["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 3, "{way}");
    assert_eq!(
        (&steps[1]["repeated"]["by"], &steps[1]["repeated"]["class"]),
        (&".next".into(), &"Node".into())
    );
    // Deep recursion has as many frames with roots.
    let deep = "class A {\n field x: i64\n}\nfunc main() {\n call down(200000)\n ret\n}\nfunc down(n: i64) {\n \
                new a, A(n)\n beq n, 0, done\n sub m, n, 1\n call down(m)\n get x, a.x\n set a.x, x\n ret\ndone:\n \
                sys exit(0)\n ret\n}\n";
    let report = json(&["-"], deep);
    assert_eq!(report["root_count"], 200_000, "the innermost is not read any more");
    assert_eq!(report["roots"].as_array().unwrap().len(), 1000);
}

#[test]
fn the_middle_of_a_long_way_is_left_out() {
    let text = "class A {
    field b: B
}
class B {
    field a: A
}

func main() {
    .local  a: A
    mov     i, 0
more:
    new     b, B(a)
    new     a, A(b)
    add     i, i, 1
    blt     i, 50, more
    get     b, a.b
    set     a.b, b
    mov     b, null
    ret
}
";
    // Objects stay in the order in which they were made, so the first one is the last of the way.
    let report = json(&["--gc=compact", "-"], text);
    let way = &report["path"];
    assert_eq!(way["length"], 99);
    let steps = way["steps"].as_array().unwrap();
    assert_eq!((steps.len(), &steps[10]), (21, &serde_json::json!({ "omitted": 80 })));
    // On standard output, for pipes.
    let run = mvm_with(&["heap", "--path", "B", "--json", "-o", "-", "-"], text);
    assert_eq!((run.status, &*run.err), (0, ""));
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["path"]["length"], 1);
}

#[test]
fn names_of_references_are_shown() {
    let text = "class Box {
    field any: any
}

func main() {
    new     inner, Box(null)
    new     list, [any], 3
    set     list[2], inner
    bind    g, keep(list)
    new     outer, Box(g)
    mov     list, null
    mov     inner, null
    mov     g, null
    get     x, outer.any
    set     outer.any, x
    mov     x, null
    ret
}

func keep(all: [any], n: i64) {
    set     all[n], null
    ret
}
";
    let run = mvm_with(&["heap", "--path", "Box", "-"], text);
    assert_eq!(run.status, 0, "{}", run.err);
    let report = json(&["--path", "[any]", "-"], text);
    let steps = report["path"]["steps"].as_array().unwrap();
    let by: Vec<&str> = steps.iter().map(|step| step["object"]["by"].as_str().unwrap()).collect();
    assert_eq!(by, ["", ".any", "bound `all`"]);
}

#[test]
fn pictures_are_well_formed_and_have_both_moments() {
    let scratch = Scratch::new("heap-svg");
    let path = scratch.path("heap.svg");
    let source = scratch.file("a<b>&.masm", list(500));
    let run = mvm(&["heap", "--svg", &path, &source]);
    assert_eq!(run.status, 243, "{}", run.err);
    let svg = std::fs::read_to_string(&path).unwrap();
    let tags = balanced(&svg);
    assert!(tags["rect"] > 10 && tags["title"] == 1 && tags["svg"] == 1, "{tags:?}");
    for text in [
        ">before<",
        ">after a full collection<",
        ">Node<",
        "a&lt;b&gt;&amp;.masm<",
        "prefers-color-scheme:dark",
    ] {
        assert!(svg.contains(text), "{text}: {svg}");
    }
}

/// Counts the elements of a document, each of which has to end where it should.
fn balanced(svg: &str) -> BTreeMap<String, usize> {
    let (mut open, mut counts) = (Vec::new(), BTreeMap::new());
    for part in svg.split('<').skip(1) {
        let (tag, text) = part.split_once('>').expect("a tag ends");
        assert!(!text.contains('>') && tag.matches('"').count().is_multiple_of(2), "{part}");
        assert!(
            text.split('&')
                .skip(1)
                .all(|rest| ["lt;", "gt;", "amp;", "quot;"].iter().any(|e| rest.starts_with(e)))
        );
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "{part}");
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap().to_string();
        *counts.entry(name.clone()).or_default() += 1;
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    counts
}

#[test]
fn wrong_wishes_are_answered() {
    let leak = leak();
    for (args, message) in [
        (&["--class", "Pgae"][..], "the program has no class `Pgae`\n  = help: did you mean `Page`?"),
        (&["--path", "Nothing"], "the program has no class `Nothing`"),
        (&["--path", "-1"], "unexpected argument"),
        (&["--path", "99999999999"], "the program has no class `99999999999`"),
        (&["--path", "3"], "no object begins at @3\n  = help: the one before it is @2"),
        (&["--path", "@0"], "no object begins at @0"),
        (&["--path", "4294967295"], "no object begins at @4294967295"),
        (&["--path", "DivideByZero"], "no object of class `DivideByZero` is alive at this moment"),
        (&["--at", "soon"], "a number is expected"),
        (&["--at", "5", "--on-exit"], "cannot be used with"),
        (&["--class", "Page", "--path", "2"], "cannot be used with"),
        (&["--map", "--no-map"], "cannot be used with"),
    ] {
        let run = mvm(&[&["heap"], args, &[&*leak]].concat());
        assert_eq!(run.status, 2, "{args:?}: {}", run.err);
        assert!(run.err.contains(message), "{args:?}: {}", run.err);
    }
    let report = json(&["--gc=compact", &leak], "");
    let dead = report["before"]["spaces"][0]["cells"].as_str().unwrap().contains('x');
    assert!(dead, "there is garbage");
    let run = mvm(&["heap", "--svg", "no/such/folder.svg", &leak]);
    assert_eq!(run.status, 4, "{}", run.err);
}

#[test]
fn garbage_has_no_way() {
    // The first object that `lose` has made.
    let report = json(&["--at", "4", "--gc=compact", "-"], &list(6));
    assert_eq!(report["garbage"]["objects"].as_u64().map(|count| count > 0), Some(true), "{report}");
    let run = mvm_with(&["heap", "--at", "4", "--gc=compact", "--path", "5", "-"], list(6));
    assert_eq!(run.status, 2);
    assert!(run.err.contains("the object @5 (Node) is garbage: no way leads to it"), "{}", run.err);
}

/// Runs what docs/MEMORY.md shows, from the root, and compares what it shows with what comes.
#[test]
fn the_page_on_memory_shows_what_is_printed() {
    let path = root().join("docs/MEMORY.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let mut parts = page.split("```sh\nmvm heap ");
    let mut expected = parts.next().unwrap().to_string();
    let (mut texts, mut pictures) = (0, 0);
    let scratch = Scratch::new("heap-page");
    let drawn = scratch.path("drawn.svg");
    for part in parts {
        let (line, rest) = part.split_once("\n```\n").unwrap();
        let mut words: Vec<&str> = line.split(' ').collect();
        // A picture goes elsewhere first, to be compared.
        let picture = words.iter().position(|word| *word == "--svg").map(|at| (words[at + 1], at + 1));
        if let Some((_, at)) = picture {
            words[at] = &drawn;
        }
        let output = command(&[&["heap"], &words[..]].concat()).current_dir(root()).output().unwrap();
        if let Some((name, _)) = picture {
            same_or_blessed(&root().join(name), &std::fs::read_to_string(&drawn).unwrap());
            pictures += 1;
        }
        expected.push_str(&format!("```sh\nmvm heap {line}\n```\n"));
        match rest.strip_prefix("\n```text\n") {
            Some(text) => {
                let after = text.split_once("```\n").unwrap().1;
                let shown = String::from_utf8(output.stderr).unwrap();
                expected.push_str(&format!("\n```text\n{shown}```\n{after}"));
                texts += 1;
            }
            None => expected.push_str(rest),
        }
    }
    assert!(texts >= 4 && pictures >= 1, "only {texts} reports and {pictures} pictures are shown");
    same_or_blessed(&path, &expected);
}

fn same_or_blessed(path: &Path, expected: &str) {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, expected).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == expected, "{} is stale; run `BLESS=1 cargo test -p mvm page`", path.display());
}

#[test]
fn the_heap_of_any_process_can_be_shown() {
    let scratch = Scratch::new("heap-process");
    let text = "\
class Large { field data: [u8] }
class Small { field x: i64 }

func main() {
    new     s, Small(1)
    spawn   child()
    sys     sleep(1)
    get     x, s.x
    sys     print_int(x)
    ret
}

func child() {
    new     b, [u8], 5000
    new     l, Large(b)
    sys     _m, receive(-1)
    get     b, l.data
    len     n, b
    sys     print_int(n)
    ret
}
";
    let program = scratch.file("two.masm", text);
    let shown = |options: &[&str]| mvm(&[&["heap", "--no-map"][..], options, &[&*program]].concat());
    let first = shown(&[]);
    assert!(
        first.status == 0 && first.err.contains("Small") && !first.err.contains("Large"),
        "{}",
        first.err
    );
    assert!(first.err.contains("process 1"), "{}", first.err);
    let child = shown(&["--process", "2"]);
    assert!(
        child.status == 0 && child.err.contains("Large") && child.err.contains("process 2"),
        "{}",
        child.err
    );
    let nobody = shown(&["--process", "7"]);
    assert!(nobody.status == 2 && nobody.err.contains("there is no process 7"), "{}", nobody.err);
    assert!(nobody.err.contains("there are: 1, 2"), "{}", nobody.err);
}
