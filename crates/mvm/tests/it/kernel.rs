//! Processes from outside: cores, policies, clocks, rights, several programs, records.

use crate::tool::{Scratch, mvm, mvm_with};

const WORKERS: &str = "\
func main() {
    sys     me, self()
    mov     k, 0
again:
    bind    f, worker(me, k)
    sys     _pid, spawn(f)
    add     k, k, 1
    blt     k, 4, again
    mov     sum, 0
    mov     k, 0
wait:
    sys     m, receive(-1)
    unbox   x, m
    add     sum, sum, x
    add     k, k, 1
    blt     k, 4, wait
    sys     print_int(sum)
    sys     print(\"\\n\")
    ret
}

func worker(home: i64, x: i64) {
    mov     i, 0
loop:
    add     x, x, i
    add     i, i, 1
    blt     i, 300000, loop
    box     m, x
    sys     send(home, m)
    ret
}
";

#[test]
fn cores_and_threads_give_the_same() {
    let scratch = Scratch::new("kernel-cores");
    let program = scratch.file("workers.masm", WORKERS);
    for cores in ["1", "3"] {
        for threads in ["1", "2", "8"] {
            let run = mvm(&["run", "--cores", cores, "--threads", threads, &program]);
            assert_eq!((run.status, &*run.out, &*run.err), (0, "179999400006\n", ""), "{cores} {threads}");
        }
    }
    let wrong = mvm(&["run", "--cores", "65", &program]);
    assert_eq!(wrong.status, 2, "{}", wrong.err);
}

#[test]
fn policies_are_compared() {
    let scratch = Scratch::new("kernel-sched");
    let program = scratch.file("workers.masm", WORKERS);
    let (svg, trace) = (scratch.path("chart.svg"), scratch.path("trace.json"));
    let run = mvm(&["sched", "--policy", "rr:1000,fair", "--svg", &svg, "--trace", &trace, &program]);
    assert_eq!(run.status, 0, "{}", run.err);
    let lines: Vec<&str> = run.out.lines().collect();
    assert!(
        lines[0].starts_with("policy") && lines[1].starts_with("rr:1000 ") && lines[2].starts_with("fair ")
    );
    assert!(run.out.contains("runs   ▒ takes turns   ░ could run   · waits"), "{}", run.out);
    // Everything that is shown is the same in every run.
    assert_eq!(mvm(&["sched", "--policy", "rr:1000,fair", &program]).out, run.out);
    let svg = std::fs::read_to_string(svg).unwrap();
    assert!(svg.starts_with("<svg ") && svg.contains(">rr:1000</text>") && svg.contains("class=\"run\""));
    let trace: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(trace).unwrap()).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    let count = |phase: &str| events.iter().filter(|event| event["ph"] == phase).count();
    assert!(count("X") > 100, "{} spans", count("X"));
    assert_eq!((count("s"), count("f")), (8, 8), "four messages in each of two runs");
    let json = mvm(&["sched", "--json", "--policy", "mlfq", &program]);
    let rows: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&rows[0]["policy"], &rows[0]["processes"]), (&"mlfq".into(), &5.into()));
    let wrong = mvm(&["sched", "--policy", "first", &program]);
    assert!(wrong.status == 2 && wrong.err.contains("there are fair, rr, priority"), "{}", wrong.err);
}

#[test]
fn a_record_is_played_back() {
    let scratch = Scratch::new("kernel-record");
    let text = "\
func main() {
    sys     line, read_line()
    sys     print(line)
    sys     sleep(3)
    sys     t, now()
    sys     print_int(t)
    sys     w, wall_clock()
    sys     print_int(w)
    sys     exit(7)
    ret
}
";
    let program = scratch.file("asks.masm", text);
    let record = scratch.path("run.rec");
    let first = mvm_with(&["record", "-o", &record, &program], "typed\n");
    assert_eq!(first.status, 7, "{}", first.err);
    assert!(first.out.starts_with("typed"), "{}", first.out);
    std::fs::remove_file(&program).unwrap();
    let again = mvm(&["replay", &record]);
    assert_eq!((again.status, &again.out), (7, &first.out), "{}", again.err);

    let mut bytes = std::fs::read(&record).unwrap();
    let at = bytes.windows(5).rposition(|window| window == b"typed").unwrap();
    bytes[at] = b'T';
    let other = scratch.file("other.rec", &bytes);
    let diverges = mvm(&["replay", &other]);
    assert_eq!(diverges.status, 2);
    // The number of the call depends on when the input was there.
    for part in
        ["does not do what was recorded", "of the host: recorded: program 0 writes", "process 1, main"]
    {
        assert!(diverges.err.contains(part), "{part}: {}", diverges.err);
    }
    let short = scratch.file("short.rec", &bytes[..bytes.len() - 3]);
    assert_eq!(mvm(&["replay", &short]).status, 2);
    let broken = scratch.file("broken.rec", &bytes[..100]);
    let run = mvm(&["replay", &broken]);
    assert!(run.status == 2 && run.err.contains("is damaged"), "{}", run.err);
}

#[test]
fn several_programs_run_side_by_side() {
    let scratch = Scratch::new("kernel-several");
    let server = "\
func main() {
    sys     me, self()
    sys     _ok, register(\"server\", me)
    sys     m, receive(-1)
    cast    text, m, str
    sys     print(text)
    sys     print(\"\\n\")
    ret
}
";
    let client = "\
func main() {
again:
    sys     pid, find(\"server\")
    bgt     pid, 0, there
    sys     yield()
    jmp     again
there:
    sys     send(pid, \"hello\")
    sys     print(\"sent\\n\")
    sys     exit(5)
    ret
}
";
    let server = scratch.file("server.masm", server);
    let client = scratch.file("client.masm", client);
    let run = mvm(&["run", &server, &client]);
    assert_eq!(run.status, 5, "{}", run.err);
    let mut lines: Vec<&str> = run.out.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["[client] sent", "[server] hello"]);
    let init = scratch
        .file("both.init", "# two\nserver.masm --name 'the server'\nclient.masm --allow output,names -- x\n");
    let run = mvm(&["run", "--init", &init]);
    assert_eq!(run.status, 5, "{}", run.err);
    assert!(run.out.contains("[the server] hello\n"), "{}", run.out);
    let init = scratch.file("wrong.init", "server.masm --colour red\n");
    let run = mvm(&["run", "--init", &init]);
    assert!(
        run.status == 2 && run.err.contains("wrong.init:1: unexpected argument '--colour'"),
        "{}",
        run.err
    );
}

/// Of several programs, whichever ends last.
#[test]
fn each_program_that_fails_is_told_of() {
    let scratch = Scratch::new("kernel-fails");
    let early = scratch.file("early.masm", "func main() {\n    ret\n}\n");
    let late = "func main() {\n    sys     sleep(1)\n    mov     zero, 0\n    div     zero, zero, zero\n    ret\n}\n";
    let late = scratch.file("late.masm", late);
    for cores in ["1", "3"] {
        let run = mvm(&["run", "--cores", cores, &early, &late]);
        let number = 1 + cores.parse::<u32>().unwrap();
        let said = format!("error: process {number} ended: uncaught `DivideByZero`: divide by zero\n");
        assert!(run.status == 1 && run.err.starts_with(&said), "{} {}", run.status, run.err);
    }
}

/// Of several programs, one that takes too much memory. The first process of the second is the one that does.
#[test]
fn a_program_that_takes_too_much_ends_and_the_other_one_goes_on() {
    let scratch = Scratch::new("kernel-memory");
    let waits = "func main() {\n    sys     sleep(50)\n    sys     print(\"here\\n\")\n    ret\n}\n";
    let takes = "\
func main() {
again:
    sys     c, channel(1000000)
    new     a, [i64], 100000
    mov     n, 1000
more:
    sys     _t, channel_send(c, a, -1)
    sys     yield()
    sub     n, n, 1
    bgt     n, 0, more
    jmp     again
}
";
    let (waits, takes) = (scratch.file("waits.masm", waits), scratch.file("takes.masm", takes));
    let run = mvm(&["run", "--time", "virtual", "--limit-heap", "2m", "--limit-stack", "1m", &waits, &takes]);
    assert_eq!(run.status, 3, "{}", run.err);
    assert_eq!(run.out, "[waits] here\n");
    assert!(run.err.starts_with("error: process 2 was ended: all processes together"), "{}", run.err);
}

#[test]
fn rights_are_listed_and_can_be_taken_away() {
    let scratch = Scratch::new("kernel-rights");
    let program = scratch
        .file("asks.masm", "func main() {\n    sys     t, now()\n    sys     print_int(t)\n    ret\n}\n");
    let listed = mvm(&["check", "--rights", &program]);
    assert_eq!(listed.status, 0, "{}", listed.err);
    assert!(
        listed.out.starts_with(&format!("{program}: output,clock\n  output   print_int in main (")),
        "{}",
        listed.out
    );
    assert_eq!(mvm(&["run", "--time", "virtual", "--allow", "output", &program]).out, "-1");
    assert_eq!(mvm(&["run", "--allow", "none", &program]).out, "");
    let wrong = mvm(&["run", "--allow", "disk", &program]);
    assert!(wrong.status == 2 && wrong.err.contains("there is no right `disk`"), "{}", wrong.err);
}

#[test]
fn all_processes_are_shown_at_the_end() {
    let scratch = Scratch::new("kernel-ps");
    let text = "\
func main() {
    fref    f, idle
    sys     pid, spawn(f)
    sys     _ok, register(\"idler\", pid)
    sys     sleep(1)
    ret
}

func idle() {
    sys     _m, receive(-1)
    ret
}
";
    let program = scratch.file("ps.masm", text);
    let run = mvm(&["run", "--time", "virtual", "--ps-on-exit", &program]);
    assert_eq!(run.status, 0);
    let idler = run.err.lines().find(|line| line.contains("idler")).unwrap_or_default();
    assert!(run.err.starts_with("PID  GROUP  NAME"), "{}", run.err);
    assert!(idler.trim_start().starts_with("2      1  idler"), "{}", run.err);
    assert!(idler.contains("waits for a message") && idler.contains("idle ("), "{}", run.err);
}

#[cfg(unix)]
#[test]
fn control_c_is_a_signal() {
    use std::io::Read;
    use std::process::Stdio;

    let scratch = Scratch::new("kernel-interrupt");
    for (name, text, status, rest) in [
        ("asks", ASKS, 9, "interrupted"),
        ("endless", "func main() {\n    sys print(\"ready\\n\")\nagain:\n    jmp again\n}\n", 130, ""),
        ("group", GROUP, 0, "worker: interrupted\nfirst: interrupted\n"),
    ] {
        let program = scratch.file(&format!("{name}.masm"), text);
        let mut command = crate::tool::command(&["run", &program]);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        // Nothing is written at once to a pipe, so it is given a moment; what comes too early ends the process, which is wrong too.
        std::thread::sleep(std::time::Duration::from_millis(300));
        let kill =
            std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let ended = child.wait().unwrap();
        let mut text = String::new();
        out.read_to_string(&mut text).unwrap();
        assert_eq!((ended.code(), text), (Some(status), format!("ready\n{rest}")), "{name}");
    }
}

/// Asks for the signal.
#[cfg(unix)]
const ASKS: &str = "\
func main() {
    mov     bye, \"interrupted\"
    sys     _ok, on_signal(1, bye)
    sys     print(\"ready\\n\")
    sys     m, receive(-1)
    cast    text, m, str
    sys     print(text)
    sys     exit(9)
    ret
}
";

/// The first process, one of its group that asks for the signal, one that does not, and one of another group.
#[cfg(unix)]
const GROUP: &str = "\
func main() {
    sys     me, self()
    sys     _ok, on_signal(1, \"first: interrupted\\n\")
    spawn   asks(me, \"worker: interrupted\\n\")
    spawn   idle, waits()
    spawn   other, asks(me, \"of another group\")
    sys     _g, group_join(other, 0)
    sys     sleep(50)
    sys     print(\"ready\\n\")
    sys     m, receive(-1)
    sys     worker, receive(-1)
    cast    text, worker, str
    sys     print(text)
    cast    text, m, str
    sys     print(text)
    sys     g, group_of(idle)
    sub     g, g, me
    sys     exit(g)
    ret
}

func asks(to: i64, text: str) {
    sys     _ok, on_signal(1, text)
    sys     m, receive(-1)
    sys     send(to, m)
    ret
}

func waits() {
    sys     _m, receive(-1)
    ret
}
";

#[test]
fn groups_belong_to_programs() {
    let scratch = Scratch::new("kernel-groups");
    let one = "\
func main() {
    sys     me, self()
    sys     _ok, register(\"one\", me)
    sys     _m, receive(-1)
    ret
}
";
    let other = "\
data    options: [i64] = 11, 0

func main() {
    sys     me, self()
again:
    sys     sleep(1)
    sys     one, find(\"one\")
    blt     one, 0, again
    sys     group, group_of(one)
    eq      t, one, group
    sys     print_int(t)
    sys     t, group_join(me, group)
    sys     print_int(t)
    sys     t, group_join(one, me)
    sys     print_int(t)
    mov     o, options
    set     o[1], group
    fref    f, nothing
    sys     t, spawn_with(f, o)
    sys     print_int(t)
    sys     n, group_signal(group, 3)
    sys     print_int(n)
    ret
}

func nothing() {
    ret
}
";
    let (one, other) = (scratch.file("one.masm", one), scratch.file("other.masm", other));
    for cores in ["1", "2", "3"] {
        let run = mvm(&["run", "--time", "virtual", "--cores", cores, &one, &other]);
        assert_eq!((&*run.out, run.status), ("[other] 1-1-1-11\n", 137), "{} on {cores} cores", run.err);
    }
}

#[test]
fn a_machine_is_saved_and_goes_on_in_another_process() {
    let scratch = Scratch::new("kernel-save");
    let text = WORKERS.replace("wait:\n", "wait:\n    sys     print(\".\")\n");
    let program = scratch.file("workers.masm", text);
    let saved = scratch.path("half.snap");
    let options = ["--time", "virtual", "--cores", "2"];
    let run = |more: &[&str]| mvm(&[&["run"][..], &options, more, &[&*program]].concat());
    let whole = run(&[]);
    assert_eq!((whole.status, &*whole.out), (0, "....179999400006\n"), "{}", whole.err);
    for round in ["1", "3", "9"] {
        let first = run(&["--save", &saved, "--save-round", round]);
        assert_eq!((first.status, &*first.err), (0, ""));
        let rest = run(&["--resume", &saved]);
        assert_eq!(first.out + &rest.out, whole.out, "{round}: {}", rest.err);
    }
    let other = mvm(&["run", "--time", "virtual", "--cores", "3", "--resume", &saved, &program]);
    assert!(other.status == 2 && other.err.contains("other settings"), "{}", other.err);
    let wrong = scratch.file("other.masm", "func main() {\n    ret\n}\n");
    let other = mvm(&["run", "--time", "virtual", "--cores", "2", "--resume", &saved, &wrong]);
    assert!(other.status == 2 && other.err.contains("other programs"), "{}", other.err);
    let mut bytes = std::fs::read(&saved).unwrap();
    bytes[100] ^= 1;
    let broken = scratch.file("broken.snap", &bytes);
    let other = run(&["--resume", &broken]);
    assert!(other.status == 2 && other.err.contains("is damaged"), "{}", other.err);
    assert_eq!(run(&["--resume", &program]).status, 2);
}

/// Starts `worker` with its arguments, and shows how it ends.
const STARTS: &str = "\
func main(args: [str]) {
    .local  none: [i64]
    sys     print(\"> \")
    sys     pid, spawn_program(\"worker\", args, none)
    sys     print_int(pid)
    sys     monitor(pid, \"ended\")
    sys     (_m, how), receive(-1)
    sys     print_int(how)
    ret
}
";

/// Shows its arguments and the time.
const WORKER: &str = "\
func main(args: [str]) {
    join    text, args, \",\"
    sys     print(text)
    sys     t, now()
    min     t, t, 0
    sys     print_int(t)
    sys     sleep(1)
    sys     print(\".\")
    ret
}
";

#[test]
fn programs_are_loaded_and_started_by_others() {
    let scratch = Scratch::new("kernel-with");
    let (main, worker) = (scratch.file("main.masm", STARTS), scratch.file("worker.masm", WORKER));
    let run = |options: &[&str]| mvm(&[&["run", "--time", "virtual"][..], options].concat());

    let ran = run(&["--with", &worker, &main, "--", "a", "b"]);
    assert_eq!((&*ran.out, ran.status), ("> 20\n[worker] a,b0.\n", 0), "{}", ran.err);
    // Several that are started have their names too, and the same arguments.
    let ran = run(&["--with", &worker, &main, &main]);
    assert_eq!(ran.out.lines().filter(|line| line.starts_with("[main] > ")).count(), 2, "{}", ran.out);
    // By another name, and without one.
    let other = format!("other={worker}");
    assert_eq!(run(&["--with", &other, &main]).out, "> -3-3");
    let named = format!("worker={}", scratch.file("other.masm", WORKER));
    assert_eq!(run(&["--with", &named, &main]).out, "> 20\n[worker] 0.\n");
    assert_eq!(run(&["--with", &worker, "--allow", "output", &main]).out, "> -1-3");
    // The failure of one that was started is shown with its own lines.
    let fails = "func main(_a: [str]) {\n    mov     zero, 0\n    div     x, zero, zero\n    sys     print_int(x)\n    ret\n}\n";
    let named = format!("worker={}", scratch.file("fails.masm", fails));
    let ran = run(&["--with", &named, &main]);
    assert_eq!((&*ran.out, ran.status), ("> 21", 0));
    assert!(ran.err.contains("process 2 ended") && ran.err.contains("fails.masm:3"), "{}", ran.err);

    for (options, said) in [
        (&["--with", &worker, "--with", &worker, &main][..], "two programs are loaded by the name `worker`"),
        (&["--with", "=x", &main], "a name and a program stand around `=`"),
        (&["--with", &scratch.path("nobody.masm"), &main], "nobody.masm"),
        (
            &["--with", &scratch.file("library.masm", "export func f() {\n    ret\n}\n"), &main],
            "no function `main`",
        ),
        (&["--with", &worker], "PROGRAM"),
    ] {
        let ran = run(options);
        assert!(ran.status != 0 && ran.err.contains(said), "{said}: {}", ran.err);
    }
}

#[test]
fn an_init_file_loads_programs_that_others_start() {
    let scratch = Scratch::new("kernel-load");
    scratch.file("main.masm", STARTS);
    scratch.file("worker.masm", WORKER);
    let text = "main.masm -- a\nworker.masm --load --allow output   # no clock\n";
    let ran = mvm(&["run", "--time", "virtual", "--init", &scratch.file("init", text)]);
    assert_eq!((&*ran.out, ran.status), ("> 20\n[worker] a-1.\n", 0), "{}", ran.err);
    let ran = mvm(&["run", "--init", &scratch.file("none", "worker.masm --load\n")]);
    assert!(ran.status == 2 && ran.err.contains("starts no program"), "{}", ran.err);
}

#[test]
fn started_programs_are_recorded_and_saved() {
    let scratch = Scratch::new("kernel-with-record");
    let main = STARTS.replace("    sys     monitor", "    sys     sleep(100)\n    sys     monitor");
    let worker = WORKER.replace("sleep(1)", "sleep(1000)");
    let (main, worker) = (scratch.file("main.masm", &main), scratch.file("worker.masm", &worker));
    for cores in ["1", "3"] {
        let options = ["--time", "virtual", "--cores", cores, "--with", &*worker, &*main];
        let whole = mvm(&[&["run"][..], &options, &["--", "a", "b"]].concat());
        assert!(whole.status == 0 && whole.out.contains("[worker] a,b0."), "{}", whole.out);

        let record = scratch.path("run.rec");
        let ran = mvm(&[&["record", "-o", &record][..], &options, &["--", "a", "b"]].concat());
        assert_eq!((ran.status, ran.out), (0, whole.out.clone()), "{}", ran.err);
        let again = mvm(&["replay", &record]);
        assert_eq!((again.status, again.out), (0, whole.out.clone()), "{}", again.err);

        let saved = scratch.path("half.snap");
        let first =
            mvm(&[&["run", "--save", &saved, "--save-round", "2"][..], &options, &["--", "a", "b"]].concat());
        let rest = mvm(&[&["run", "--resume", &saved][..], &options].concat());
        assert_eq!((first.status, rest.status), (0, 0), "{}{}", first.err, rest.err);
        assert!(first.out.starts_with("> ") && rest.out.contains('.'), "{:?} {:?}", first.out, rest.out);
        // A line that was not finished ends where the machine was saved.
        let written = |text: &str| {
            let (worker, main): (Vec<&str>, Vec<&str>) =
                text.lines().partition(|line| line.starts_with("[worker] "));
            (worker.concat().replace("[worker] ", ""), main.concat())
        };
        assert_eq!(written(&(first.out.clone() + &rest.out)), written(&whole.out));
        // By another name it would be another machine.
        let other = format!("other={worker}");
        let wrong =
            mvm(&["run", "--time", "virtual", "--cores", cores, "--resume", &saved, "--with", &other, &main]);
        assert!(wrong.status == 2 && wrong.err.contains("other programs"), "{}", wrong.err);
    }
}

#[test]
fn the_last_of_several_programs_is_told_of_when_it_fails() {
    let scratch = Scratch::new("kernel-last-fails");
    let good = scratch.file("good.masm", "func main() {\n    ret\n}\n");
    let fails = "func main() {\n    sys     sleep(5)\n    mov     zero, 0\n    div     x, zero, zero\n    sys     print_int(x)\n    ret\n}\n";
    let fails = scratch.file("fails.masm", fails);
    for (programs, cores) in [([&good, &fails], "1"), ([&fails, &good], "1"), ([&good, &fails], "3")] {
        let ran = mvm(&["run", "--time", "virtual", "--cores", cores, programs[0], programs[1]]);
        assert_eq!(ran.status, 1);
        assert!(ran.err.contains("divide by zero") && ran.err.contains("fails.masm:4"), "{}", ran.err);
    }
    let ran = mvm(&["run", "--time", "virtual", &fails, &fails]);
    assert_eq!((ran.status, ran.err.matches("uncaught `DivideByZero`").count()), (1, 2), "{}", ran.err);
}
