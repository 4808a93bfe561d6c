//! Operators, calls, closures, collections, strings.

use expect_test::expect;

use super::statements;

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
