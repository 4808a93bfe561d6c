//! Imports, functions, classes, interfaces, enums, types.

use expect_test::expect;

use super::check;

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
