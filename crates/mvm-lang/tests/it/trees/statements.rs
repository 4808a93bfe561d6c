//! Declarations, assignments, loops, matches, errors, messages.

use expect_test::expect;

use super::statements;

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
