//! The layout of every construct.

use expect_test::{Expect, expect};
use mvm_lang::format;

fn check(text: &str, wanted: Expect) {
    let once = format(text).expect("it has no errors");
    wanted.assert_eq(&once);
    assert_eq!(format(&once).as_ref(), Ok(&once), "formatting again changes the text");
}

#[test]
fn blanks_between_tokens() {
    check(
        "fn  f ( a:int,b : str=\"x\" )->[ str:int ]?{\nlet x=a+b*-c\nx+=1\nlet t=( 1,2 ) . 0\nxs [ 1 .. 3 ]=|a,b|a<b\nlet y=x as?T\nlet z=Stack < int\nfoo ( a : 1 )!.bar ?. baz\nlet s = Stack<Stack< int >>()\nx>>>=2\nx >> = 3\n}\n"
            .replace("x >> = 3\n", "")
            .as_str(),
        expect![[r#"
            fn f(a: int, b: str = "x") -> [str: int]? {
                let x = a + b * -c
                x += 1
                let t = (1, 2).0
                xs[1..3] = |a, b| a < b
                let y = x as? T
                let z = Stack < int
                foo(a: 1)!.bar?.baz
                let s = Stack<Stack<int>>()
                x >>>= 2
            }
        "#]],
    );
}

#[test]
fn bodies_of_one_statement_may_stand_on_one_line() {
    check(
        "fn f() { return 1 }\nfn g() {\nreturn 1 }\nfn h() {}\nclass A: Error { let x: int }\nclass B {\n\n\nlet x: int\n\n\n\nlet y: int\n\n}\nenum E { A, B(x: int), }\nenum F {\nA, B\n}\nfn i() { if a { b } else { c } }\n",
        expect![[r#"
            fn f() { return 1 }
            fn g() {
                return 1
            }
            fn h() { }
            class A: Error { let x: int }
            class B {
                let x: int

                let y: int
            }
            enum E { A, B(x: int) }
            enum F {
                A
                B
            }
            fn i() { if a { b } else { c } }
        "#]],
    );
}

#[test]
fn long_lines_break() {
    check(
        "fn f() {\nlet value = compute_something(first_argument, second_argument, third_argument, fourth_argument_here)\nlet sum = first_long_operand_name + second_long_operand_name * third_long_operand_name - fourth_long_operand\nif first_condition_is_true and second_condition_is_true and third_condition_is_true or something_else_is { go() }\nlet r = values.filter(|value| value > minimum).map(|value| value * factor).sorted().take(10).join(\", \")\nlet numbers = [1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10000, 11000, 12000, 13000, 14000, 15000]\nreturn \"a\"\n}\n",
        expect![[r#"
            fn f() {
                let value = compute_something(
                    first_argument,
                    second_argument,
                    third_argument,
                    fourth_argument_here,
                )
                let sum = first_long_operand_name +
                    second_long_operand_name * third_long_operand_name -
                    fourth_long_operand
                if first_condition_is_true and second_condition_is_true and third_condition_is_true
                    or something_else_is { go() }
                let r = values
                    .filter(|value| value > minimum)
                    .map(|value| value * factor)
                    .sorted()
                    .take(10)
                    .join(", ")
                let numbers = [
                    1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10000, 11000, 12000, 13000, 14000,
                    15000,
                ]
                return "a"
            }
        "#]],
    );
}

#[test]
fn what_the_writer_decides() {
    check(
        "fn f() {\nlet a = [\n1, 2]\nlet b = xs\n.map(|x| x)\n.take(3)\nprint(xs.map(|x| {\nlet y = x\ny\n}))\ntable.add(\"name\", |a, b| {\nprint(a)\n})\nf(\na, b)\n}\n",
        expect![[r#"
            fn f() {
                let a = [
                    1, 2,
                ]
                let b = xs
                    .map(|x| x)
                    .take(3)
                print(xs.map(|x| {
                    let y = x
                    y
                }))
                table.add("name", |a, b| {
                    print(a)
                })
                f(
                    a,
                    b,
                )
            }
        "#]],
    );
}

#[test]
fn comments_stay() {
    check(
        "// first\n\n\n// second\nimport a.b // why\n/// Docs.\nfn f( // open\na: int, // one\n// before b\nb: int\n// last\n) {\n// only\n}\nfn g() {\nlet x = 1 // one\nlet long_name = 2 // two\n\n// alone\nreturn x + // plus\nlong_name\n// end\n}\n// last\n",
        expect![[r#"
            // first

            // second
            import a.b // why
            /// Docs.
            fn f(       // open
                a: int, // one
                // before b
                b: int,
                // last
            ) {
                // only
            }
            fn g() {
                let x = 1         // one
                let long_name = 2 // two

                // alone
                return x + // plus
                    long_name
                // end
            }
            // last
        "#]],
    );
}

#[test]
fn bars_stay_apart() {
    check(
        "fn f() {\nlet a = |   | 1\nlet b =||2\nlet c = - -x\n}\n",
        expect![[r#"
        fn f() {
            let a = | | 1
            let b = || 2
            let c = - -x
        }
    "#]],
    );
}

#[test]
fn text_over_lines_is_not_touched() {
    check(
        "fn f() {\nlet x = \"\"\"\n   a\n     {b+1}\n\"\"\"\nprint( \"{ a+b :>5}\" )\n}\n",
        expect![[r#"
        fn f() {
            let x = """
           a
             {b+1}
        """
            print("{ a+b :>5}")
        }
    "#]],
    );
}

#[test]
fn arms() {
    check(
        "fn f() { match x { A=>1, B(c)=>{ d() }, _=>2 } }\nfn g() {\nmatch x {\n1|2=>a, 3..=4 if b=>{\nc()\n}\n_=>x+=1\n}\nreceive { A => b\nafter 1.seconds()=>return }\nselect { a from b=>c }\ntry { a } catch e:T { b }\ncatch e { c }\n}\n",
        expect![[r#"
            fn f() { match x { A => 1, B(c) => { d() }, _ => 2 } }
            fn g() {
                match x {
                    1 | 2 => a
                    3..=4 if b => {
                        c()
                    }
                    _ => x += 1
                }
                receive {
                    A => b
                    after 1.seconds() => return
                }
                select { a from b => c }
                try { a } catch e: T { b } catch e { c }
            }
        "#]],
    );
}

#[test]
fn the_tour_is_formatted() {
    let tour = include_str!("../../../../tests/myna/parts/tour.myna");
    let formatted = format(tour).expect("it has no errors");
    assert_eq!(formatted, tour);
}
