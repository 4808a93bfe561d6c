//! The tree of every construct.

#![expect(clippy::too_many_lines, reason = "trees are long, and one construct is one test")]

use expect_test::{Expect, expect};

use crate::good;

/// The tree below the file.
fn check(text: &str, wanted: Expect) {
    let shown = good(text).tree.to_string();
    let lines = shown.lines().filter_map(|line| line.strip_prefix("  "));
    wanted.assert_eq(&lines.map(|line| format!("{line}\n")).collect::<String>());
}

/// The trees of statements.
fn statements(text: &str, wanted: Expect) {
    let shown = good(&format!("fn f() {{\n{text}\n}}\n")).tree.to_string();
    let lines = shown.lines().skip_while(|line| *line != "      {").skip(1);
    let inner = lines.take_while(|line| *line != "      }").filter_map(|line| line.strip_prefix("      "));
    wanted.assert_eq(&inner.map(|line| format!("{line}\n")).collect::<String>());
}

#[test]
fn imports() {
    check(
        "import std.io\nimport a.b.{C, d as e,}\n",
        expect![[r#"
              Import
                import
                ModulePath std . io
              Import
                import
                ModulePath a . b .
                ImportList
                  {
                  ImportName C
                  ,
                  ImportName d as e
                  ,
                  }
        "#]],
    );
}

#[test]
fn functions() {
    check(
        "/// Doc.\npub fn f<K: A + B, V>(a: int, b: [str] = []) receives M -> int? { return 1 }\nfn g() => x\nfn h() => x = 1\n",
        expect![[r#"
              Function
                /// Doc.
                Modifiers pub
                fn
                NameDef f
                TypeParams
                  <
                  TypeParam
                    NameDef K
                    :
                    NamedType A
                    +
                    NamedType B
                  ,
                  TypeParam
                    NameDef V
                  >
                Params
                  (
                  Param
                    NameDef a
                    :
                    NamedType int
                  ,
                  Param
                    NameDef b
                    :
                    ListType
                      [
                      NamedType str
                      ]
                    =
                    ListExpr [ ]
                  )
                Receives
                  receives
                  NamedType M
                ResultType
                  ->
                  OptionalType
                    NamedType int
                    ?
                Block
                  {
                  ExprStmt
                    ReturnExpr
                      return
                      Literal 1
                  }
              Function
                fn
                NameDef g
                Params ( )
                ArrowBody
                  =>
                  NameExpr x
              Function
                fn
                NameDef h
                Params ( )
                ArrowBody
                  =>
                  AssignStmt
                    NameExpr x
                    =
                    Literal 1
        "#]],
    );
}

#[test]
fn classes() {
    check(
        "abstract class A<T>: B<T>, c.D {\n    let x: int\n    private var y: T = z\n    static let w = 1\n    init(x: int) { super.init(x) }\n    override fn f() => 1\n    abstract fn g() -> T\n    fn receive() { }\n    static fn h() { }\n}\nfrozen class E { }\n",
        expect![[r#"
              Class
                Modifiers abstract
                class
                NameDef A
                TypeParams
                  <
                  TypeParam
                    NameDef T
                  >
                Supers
                  :
                  NamedType
                    B
                    TypeArgs
                      <
                      NamedType T
                      >
                  ,
                  NamedType c . D
                MemberList
                  {
                  Field
                    let
                    NamePattern
                      NameDef x
                    :
                    NamedType int
                  Field
                    Modifiers private
                    var
                    NamePattern
                      NameDef y
                    :
                    NamedType T
                    =
                    NameExpr z
                  Field
                    Modifiers static
                    let
                    NamePattern
                      NameDef w
                    =
                    Literal 1
                  Init
                    init
                    Params
                      (
                      Param
                        NameDef x
                        :
                        NamedType int
                      )
                    Block
                      {
                      ExprStmt
                        CallExpr
                          FieldExpr
                            SuperExpr super
                            .
                            init
                          Args
                            (
                            Arg
                              NameExpr x
                            )
                      }
                  Function
                    Modifiers override
                    fn
                    NameDef f
                    Params ( )
                    ArrowBody
                      =>
                      Literal 1
                  Function
                    Modifiers abstract
                    fn
                    NameDef g
                    Params ( )
                    ResultType
                      ->
                      NamedType T
                  Function
                    fn
                    NameDef receive
                    Params ( )
                    Block { }
                  Function
                    Modifiers static
                    fn
                    NameDef h
                    Params ( )
                    Block { }
                  }
              Class
                Modifiers frozen
                class
                NameDef E
                MemberList { }
        "#]],
    );
}

#[test]
fn operator_methods() {
    check(
        "class A {\n    fn +(o: A) -> A\n    fn [](i: int) -> int\n    fn []=(i: int, v: int)\n    fn <=>(o: A) -> int\n    fn >>>(n: int) -> A\n    fn -() -> A\n}\n",
        expect![[r#"
              Class
                class
                NameDef A
                MemberList
                  {
                  Function
                    fn
                    OperatorName +
                    Params
                      (
                      Param
                        NameDef o
                        :
                        NamedType A
                      )
                    ResultType
                      ->
                      NamedType A
                  Function
                    fn
                    OperatorName [ ]
                    Params
                      (
                      Param
                        NameDef i
                        :
                        NamedType int
                      )
                    ResultType
                      ->
                      NamedType int
                  Function
                    fn
                    OperatorName [ ] =
                    Params
                      (
                      Param
                        NameDef i
                        :
                        NamedType int
                      ,
                      Param
                        NameDef v
                        :
                        NamedType int
                      )
                  Function
                    fn
                    OperatorName <=>
                    Params
                      (
                      Param
                        NameDef o
                        :
                        NamedType A
                      )
                    ResultType
                      ->
                      NamedType int
                  Function
                    fn
                    OperatorName > > >
                    Params
                      (
                      Param
                        NameDef n
                        :
                        NamedType int
                      )
                    ResultType
                      ->
                      NamedType A
                  Function
                    fn
                    OperatorName -
                    Params ( )
                    ResultType
                      ->
                      NamedType A
                  }
        "#]],
    );
}

#[test]
fn interfaces() {
    check(
        "interface I: J, K<int> {\n    fn f() -> Self\n    fn g() { }\n}\n",
        expect![[r#"
              Interface
                interface
                NameDef I
                Supers
                  :
                  NamedType J
                  ,
                  NamedType
                    K
                    TypeArgs
                      <
                      NamedType int
                      >
                MemberList
                  {
                  Function
                    fn
                    NameDef f
                    Params ( )
                    ResultType
                      ->
                      NamedType Self
                  Function
                    fn
                    NameDef g
                    Params ( )
                    Block { }
                  }
        "#]],
    );
}

#[test]
fn enums() {
    check(
        "enum E<T>: I {\n    A(x: int, y: T), B\n    /// Last.\n    C\n    fn f() => 1\n}\n",
        expect![[r#"
              Enum
                enum
                NameDef E
                TypeParams
                  <
                  TypeParam
                    NameDef T
                  >
                Supers
                  :
                  NamedType I
                MemberList
                  {
                  EnumCase
                    NameDef A
                    Params
                      (
                      Param
                        NameDef x
                        :
                        NamedType int
                      ,
                      Param
                        NameDef y
                        :
                        NamedType T
                      )
                  ,
                  EnumCase
                    NameDef B
                  EnumCase
                    /// Last.
                    NameDef C
                  Function
                    fn
                    NameDef f
                    Params ( )
                    ArrowBody
                      =>
                      Literal 1
                  }
        "#]],
    );
}

#[test]
fn other_declarations() {
    check(
        "type A = [str: fn(int, b.C) -> (int, str)?]\nlet x: float = 1\npub let y = [1]\ntest \"t\" { }\n",
        expect![[r#"
              TypeAlias
                type
                NameDef A
                =
                MapType
                  [
                  NamedType str
                  :
                  FnType
                    fn
                    FnTypeParams
                      (
                      NamedType int
                      ,
                      NamedType b . C
                      )
                    ResultType
                      ->
                      OptionalType
                        TupleType
                          (
                          NamedType int
                          ,
                          NamedType str
                          )
                        ?
                  ]
              Const
                let
                NamePattern
                  NameDef x
                :
                NamedType float
                =
                Literal 1
              Const
                Modifiers pub
                let
                NamePattern
                  NameDef y
                =
                ListExpr
                  [
                  Literal 1
                  ]
              Test
                test
                Str \" t \"
                Block { }
        "#]],
    );
}

#[test]
fn types() {
    check(
        "let x: (int, [a.B<C, D<E>>]) = y\nlet z: fn() = y\nlet w: ()? = y\n",
        expect![[r#"
              Const
                let
                NamePattern
                  NameDef x
                :
                TupleType
                  (
                  NamedType int
                  ,
                  ListType
                    [
                    NamedType
                      a
                      .
                      B
                      TypeArgs
                        <
                        NamedType C
                        ,
                        NamedType
                          D
                          TypeArgs
                            <
                            NamedType E
                            >
                        >
                    ]
                  )
                =
                NameExpr y
              Const
                let
                NamePattern
                  NameDef z
                :
                FnType
                  fn
                  FnTypeParams ( )
                =
                NameExpr y
              Const
                let
                NamePattern
                  NameDef w
                :
                OptionalType
                  TupleType ( )
                  ?
                =
                NameExpr y
        "#]],
    );
}

#[test]
fn declarations() {
    statements(
        "let x = 1\nvar y: int\nlet (a, (_, b)) = c\nlet _ = f()",
        expect![[r#"
            LetStmt
              let
              NamePattern
                NameDef x
              =
              Literal 1
            LetStmt
              var
              NamePattern
                NameDef y
              :
              NamedType int
            LetStmt
              let
              TuplePattern
                (
                NamePattern
                  NameDef a
                ,
                TuplePattern
                  (
                  WildcardPattern _
                  ,
                  NamePattern
                    NameDef b
                  )
                )
              =
              NameExpr c
            LetStmt
              let
              WildcardPattern _
              =
              CallExpr
                NameExpr f
                Args ( )
        "#]],
    );
}

#[test]
fn assignments() {
    statements(
        "a = 1\na.b += 2\na[i] >>>= 3\n(a, b) = (b, a)\nx +%= 1",
        expect![[r#"
            AssignStmt
              NameExpr a
              =
              Literal 1
            AssignStmt
              FieldExpr
                NameExpr a
                .
                b
              +=
              Literal 2
            AssignStmt
              IndexExpr
                NameExpr a
                [
                NameExpr i
                ]
              >
              >
              >=
              Literal 3
            AssignStmt
              TupleExpr
                (
                NameExpr a
                ,
                NameExpr b
                )
              =
              TupleExpr
                (
                NameExpr b
                ,
                NameExpr a
                )
            AssignStmt
              NameExpr x
              +%
              =
              Literal 1
        "#]],
    );
}

#[test]
fn loops() {
    statements(
        "while a { b }\nwhile let x = y { }\nloop { break }\nouter: for (k, v) in m { continue outer }",
        expect![[r#"
            WhileStmt
              while
              NameExpr a
              Block
                {
                ExprStmt
                  NameExpr b
                }
            WhileStmt
              while
              LetCondition
                let
                NamePattern
                  NameDef x
                =
                NameExpr y
              Block { }
            LoopStmt
              loop
              Block
                {
                ExprStmt
                  BreakExpr break
                }
            ForStmt
              Label outer :
              for
              TuplePattern
                (
                NamePattern
                  NameDef k
                ,
                NamePattern
                  NameDef v
                )
              in
              NameExpr m
              Block
                {
                ExprStmt
                  ContinueExpr continue outer
                }
        "#]],
    );
}

#[test]
fn defer_and_assert() {
    statements(
        "defer f()\ndefer { }\nassert a == b, \"why\"\ndefer x = 1",
        expect![[r#"
            DeferStmt
              defer
              CallExpr
                NameExpr f
                Args ( )
            DeferStmt
              defer
              Block { }
            AssertStmt
              assert
              BinaryExpr
                NameExpr a
                ==
                NameExpr b
              ,
              Str \" why \"
            DeferStmt
              defer
              AssignStmt
                NameExpr x
                =
                Literal 1
        "#]],
    );
}

#[test]
fn precedence() {
    statements(
        "a or b and not c == d ?? e..f | g ^ h & i << j + k * -l as? T",
        expect![[r#"
            ExprStmt
              BinaryExpr
                NameExpr a
                or
                BinaryExpr
                  NameExpr b
                  and
                  UnaryExpr
                    not
                    BinaryExpr
                      NameExpr c
                      ==
                      BinaryExpr
                        NameExpr d
                        ??
                        BinaryExpr
                          NameExpr e
                          ..
                          BinaryExpr
                            NameExpr f
                            |
                            BinaryExpr
                              NameExpr g
                              ^
                              BinaryExpr
                                NameExpr h
                                &
                                BinaryExpr
                                  NameExpr i
                                  <<
                                  BinaryExpr
                                    NameExpr j
                                    +
                                    BinaryExpr
                                      NameExpr k
                                      *
                                      CastExpr
                                        UnaryExpr
                                          -
                                          NameExpr l
                                        as
                                        ?
                                        NamedType T
        "#]],
    );
}

#[test]
fn operators_of_one_level() {
    statements(
        "a - b + c\na >> b >>> c\na > b\na >= b\nx in xs\nnot a is B\na *% b\na..=b",
        expect![[r#"
            ExprStmt
              BinaryExpr
                BinaryExpr
                  NameExpr a
                  -
                  NameExpr b
                +
                NameExpr c
            ExprStmt
              BinaryExpr
                BinaryExpr
                  NameExpr a
                  >
                  >
                  NameExpr b
                >
                >
                >
                NameExpr c
            ExprStmt
              BinaryExpr
                NameExpr a
                >
                NameExpr b
            ExprStmt
              BinaryExpr
                NameExpr a
                >=
                NameExpr b
            ExprStmt
              BinaryExpr
                NameExpr x
                in
                NameExpr xs
            ExprStmt
              UnaryExpr
                not
                IsExpr
                  NameExpr a
                  is
                  NamedType B
            ExprStmt
              BinaryExpr
                NameExpr a
                *%
                NameExpr b
            ExprStmt
              BinaryExpr
                NameExpr a
                ..=
                NameExpr b
        "#]],
    );
}

#[test]
fn calls() {
    statements(
        "f(1, b: 2,)(3)\na.b.c()\na?.b!.0.1\nxs[i][0]\nA<int>.b(c)\na < b\nsuper.f(self)",
        expect![[r#"
            ExprStmt
              CallExpr
                CallExpr
                  NameExpr f
                  Args
                    (
                    Arg
                      Literal 1
                    ,
                    Arg
                      b
                      :
                      Literal 2
                    ,
                    )
                Args
                  (
                  Arg
                    Literal 3
                  )
            ExprStmt
              CallExpr
                FieldExpr
                  FieldExpr
                    NameExpr a
                    .
                    b
                  .
                  c
                Args ( )
            ExprStmt
              FieldExpr
                FieldExpr
                  UnwrapExpr
                    FieldExpr
                      NameExpr a
                      ?.
                      b
                    !
                  .
                  0
                .
                1
            ExprStmt
              IndexExpr
                IndexExpr
                  NameExpr xs
                  [
                  NameExpr i
                  ]
                [
                Literal 0
                ]
            ExprStmt
              CallExpr
                FieldExpr
                  NameExpr
                    A
                    TypeArgs
                      <
                      NamedType int
                      >
                  .
                  b
                Args
                  (
                  Arg
                    NameExpr c
                  )
            ExprStmt
              BinaryExpr
                NameExpr a
                <
                NameExpr b
            ExprStmt
              CallExpr
                FieldExpr
                  SuperExpr super
                  .
                  f
                Args
                  (
                  Arg
                    SelfExpr self
                  )
        "#]],
    );
}

#[test]
fn lines_that_go_on() {
    statements(
        "a\n.b()\n?? c\nand d\nf(a\n, b)\na +\nb\n(c)\n[d]\n-e",
        expect![[r#"
            ExprStmt
              BinaryExpr
                BinaryExpr
                  CallExpr
                    FieldExpr
                      NameExpr a
                      .
                      b
                    Args ( )
                  ??
                  NameExpr c
                and
                NameExpr d
            ExprStmt
              CallExpr
                NameExpr f
                Args
                  (
                  Arg
                    NameExpr a
                  ,
                  Arg
                    NameExpr b
                  )
            ExprStmt
              BinaryExpr
                NameExpr a
                +
                NameExpr b
            ExprStmt
              ParenExpr
                (
                NameExpr c
                )
            ExprStmt
              ListExpr
                [
                NameExpr d
                ]
            ExprStmt
              UnaryExpr
                -
                NameExpr e
        "#]],
    );
}

#[test]
fn closures() {
    statements(
        "|x| x + 1\n|| 0\n|(a, b), c: int| { a }\nf(|_| |y| y, 1)",
        expect![[r#"
            ExprStmt
              Closure
                ClosureParams
                  |
                  ClosureParam
                    NamePattern
                      NameDef x
                  |
                BinaryExpr
                  NameExpr x
                  +
                  Literal 1
            ExprStmt
              Closure
                ClosureParams ||
                Literal 0
            ExprStmt
              Closure
                ClosureParams
                  |
                  ClosureParam
                    TuplePattern
                      (
                      NamePattern
                        NameDef a
                      ,
                      NamePattern
                        NameDef b
                      )
                  ,
                  ClosureParam
                    NamePattern
                      NameDef c
                    :
                    NamedType int
                  |
                Block
                  {
                  ExprStmt
                    NameExpr a
                  }
            ExprStmt
              CallExpr
                NameExpr f
                Args
                  (
                  Arg
                    Closure
                      ClosureParams
                        |
                        ClosureParam
                          WildcardPattern _
                        |
                      Closure
                        ClosureParams
                          |
                          ClosureParam
                            NamePattern
                              NameDef y
                          |
                        NameExpr y
                  ,
                  Arg
                    Literal 1
                  )
        "#]],
    );
}

#[test]
fn collections() {
    statements(
        "[]\n[:]\n[1, 2,]\n[a: b, \"c\": [d]]\n()\n(a)\n(a, b)",
        expect![[r#"
            ExprStmt
              ListExpr [ ]
            ExprStmt
              MapExpr [ : ]
            ExprStmt
              ListExpr
                [
                Literal 1
                ,
                Literal 2
                ,
                ]
            ExprStmt
              MapExpr
                [
                MapEntry
                  NameExpr a
                  :
                  NameExpr b
                ,
                MapEntry
                  Str \" c \"
                  :
                  ListExpr
                    [
                    NameExpr d
                    ]
                ]
            ExprStmt
              TupleExpr ( )
            ExprStmt
              ParenExpr
                (
                NameExpr a
                )
            ExprStmt
              TupleExpr
                (
                NameExpr a
                ,
                NameExpr b
                )
        "#]],
    );
}

#[test]
fn strings() {
    statements(
        "\"a{b:>3}{\"c{d}\"}\\n\"\nr\"\\{\"\n\"\"\"\n  x{y}\n\"\"\"",
        expect![[r#"
            ExprStmt
              Str
                \"
                a
                Hole
                  {
                  NameExpr b
                  :>3
                  }
                Hole
                  {
                  Str
                    \"
                    c
                    Hole
                      {
                      NameExpr d
                      }
                    \"
                  }
                \\n
                \"
            ExprStmt
              Str r\"\\{\"
            ExprStmt
              Str
                \"\"\"
                \n  x
                Hole
                  {
                  NameExpr y
                  }
                \n
                \"\"\"
        "#]],
    );
}

#[test]
fn literals() {
    statements(
        "1_0\n0xff\n1.5e3\n'a'\ntrue\nnone",
        expect![[r#"
            ExprStmt
              Literal 1_0
            ExprStmt
              Literal 0xff
            ExprStmt
              Literal 1.5e3
            ExprStmt
              Literal \'a\'
            ExprStmt
              Literal true
            ExprStmt
              Literal none
        "#]],
    );
}

#[test]
fn conditions() {
    statements(
        "if a { 1 } else if let x = b { 2 } else { 3 }\nif let c { }",
        expect![[r#"
            ExprStmt
              IfExpr
                IfBranch
                  if
                  NameExpr a
                  Block
                    {
                    ExprStmt
                      Literal 1
                    }
                IfBranch
                  else
                  if
                  LetCondition
                    let
                    NamePattern
                      NameDef x
                    =
                    NameExpr b
                  Block
                    {
                    ExprStmt
                      Literal 2
                    }
                ElseBranch
                  else
                  Block
                    {
                    ExprStmt
                      Literal 3
                    }
            ExprStmt
              IfExpr
                IfBranch
                  if
                  LetCondition
                    let
                    NamePattern
                      NameDef c
                  Block { }
        "#]],
    );
}

#[test]
fn matches() {
    statements(
        "match a {\n    1 => b\n    -1..=2 | \"x\" => c = 1\n    B.C(_, (d, e)) if f => { g }\n    h: I => return, none => throw j\n    _ => { }\n}",
        expect![[r#"
            ExprStmt
              MatchExpr
                match
                NameExpr a
                ArmList
                  {
                  Arm
                    LiteralPattern 1
                    =>
                    NameExpr b
                  Arm
                    OrPattern
                      RangePattern
                        LiteralPattern - 1
                        ..=
                        LiteralPattern 2
                      |
                      LiteralPattern
                        Str \" x \"
                    =>
                    AssignStmt
                      NameExpr c
                      =
                      Literal 1
                  Arm
                    CasePattern
                      B
                      .
                      C
                      PatternArgs
                        (
                        WildcardPattern _
                        ,
                        TuplePattern
                          (
                          NamePattern
                            NameDef d
                          ,
                          NamePattern
                            NameDef e
                          )
                        )
                    Guard
                      if
                      NameExpr f
                    =>
                    Block
                      {
                      ExprStmt
                        NameExpr g
                      }
                  Arm
                    NamePattern
                      NameDef h
                      :
                      NamedType I
                    =>
                    ReturnExpr return
                  ,
                  Arm
                    LiteralPattern none
                    =>
                    ThrowExpr
                      throw
                      NameExpr j
                  Arm
                    WildcardPattern _
                    =>
                    Block { }
                  }
        "#]],
    );
}

#[test]
fn tries() {
    statements(
        "let a = try { b } catch e: C { d } catch e { f }",
        expect![[r#"
            LetStmt
              let
              NamePattern
                NameDef a
              =
              TryExpr
                try
                Block
                  {
                  ExprStmt
                    NameExpr b
                  }
                CatchClause
                  catch
                  NamePattern
                    NameDef e
                    :
                    NamedType C
                  Block
                    {
                    ExprStmt
                      NameExpr d
                    }
                CatchClause
                  catch
                  NamePattern
                    NameDef e
                  Block
                    {
                    ExprStmt
                      NameExpr f
                    }
        "#]],
    );
}

#[test]
fn messages() {
    statements(
        "receive {\n    A(n) => b += n\n    after c() => return\n}\nselect { a from b => c, after d => e }\nspawn f(1)\nlet p = spawn(name: \"x\") a.b(1)",
        expect![[r#"
            ExprStmt
              ReceiveExpr
                receive
                ArmList
                  {
                  Arm
                    CasePattern
                      A
                      PatternArgs
                        (
                        NamePattern
                          NameDef n
                        )
                    =>
                    AssignStmt
                      NameExpr b
                      +=
                      NameExpr n
                  AfterArm
                    after
                    CallExpr
                      NameExpr c
                      Args ( )
                    =>
                    ReturnExpr return
                  }
            ExprStmt
              SelectExpr
                select
                ArmList
                  {
                  FromArm
                    NamePattern
                      NameDef a
                    from
                    NameExpr b
                    =>
                    NameExpr c
                  ,
                  AfterArm
                    after
                    NameExpr d
                    =>
                    NameExpr e
                  }
            ExprStmt
              SpawnExpr
                spawn
                CallExpr
                  NameExpr f
                  Args
                    (
                    Arg
                      Literal 1
                    )
            LetStmt
              let
              NamePattern
                NameDef p
              =
              SpawnExpr
                spawn
                Args
                  (
                  Arg
                    name
                    :
                    Str \" x \"
                  )
                CallExpr
                  FieldExpr
                    NameExpr a
                    .
                    b
                  Args
                    (
                    Arg
                      Literal 1
                    )
        "#]],
    );
}

#[test]
fn ways_out() {
    statements(
        "return\nreturn 1\nbreak\nthrow a ?? b\nlet x = a ?? return",
        expect![[r#"
            ExprStmt
              ReturnExpr return
            ExprStmt
              ReturnExpr
                return
                Literal 1
            ExprStmt
              BreakExpr break
            ExprStmt
              ThrowExpr
                throw
                BinaryExpr
                  NameExpr a
                  ??
                  NameExpr b
            LetStmt
              let
              NamePattern
                NameDef x
              =
              BinaryExpr
                NameExpr a
                ??
                ReturnExpr return
        "#]],
    );
}
