//! The views of nodes and what literals mean.

use mvm_lang::ast::{
    AstNode, BinaryExpr, BinaryOp, Body, Expr, Item, Member, NameExpr, Stmt, Str, StrPart, UnaryExpr,
    UnaryOp, children,
};
use mvm_lang::{NodeId, SyntaxKind, ast};

use crate::good;

fn all<'t, T: AstNode<'t>>(parse: &'t mvm_lang::Parse) -> Vec<T> {
    parse.tree.root().descendants().filter_map(T::cast).collect()
}

#[test]
fn a_function_has_its_parts() {
    let parse = good(
        "/// Adds.\n/// Twice.\npub fn f<K: A + B>(a: int, b: str = \"\") receives M -> int {\n    let x = a\n    x\n}\n",
    );
    let Some(Item::Function(f)) = parse.file().items().next() else { panic!("a function") };
    assert_eq!(f.docs(), "Adds.\nTwice.");
    assert_eq!(f.name().map(ast::NameDef::text), Some("f"));
    assert!(f.modifiers().is_some_and(|m| m.has(SyntaxKind::PubWord) && !m.has(SyntaxKind::StaticWord)));
    let param = f.type_params().and_then(|p| p.params().next()).expect("a type parameter");
    assert_eq!(param.bounds().map(|b| b.node().text()).collect::<Vec<_>>(), ["A", "B"]);
    let params: Vec<_> = f.params().expect("parameters").params().collect();
    assert_eq!(params.len(), 2);
    assert_eq!(params[1].default().map(|d| d.node().text()), Some("\"\""));
    assert!(params[0].default().is_none());
    assert_eq!(f.receives().and_then(|r| r.ty()).map(|t| t.node().text()), Some("M"));
    assert_eq!(f.result().and_then(|r| r.ty()).map(|t| t.node().text()), Some("int"));
    let Some(ast::FnBody::Block(block)) = f.body() else { panic!("a block") };
    assert_eq!(block.statements().count(), 2);
    assert!(matches!(block.value(), Some(Expr::NameExpr(_))));
}

#[test]
fn members_and_cases() {
    let parse = good(
        "class A: B, C {\n    private var x: int = 1\n    init(y: int) { }\n    static fn +(o: A) -> A => o\n}\nenum E { P(a: int), Q }\n",
    );
    let items: Vec<_> = parse.file().items().collect();
    let Item::Class(class) = items[0] else { panic!("a class") };
    assert_eq!(class.supers().map(|s| s.types().count()), Some(2));
    let members: Vec<Member<'_>> = class.members().expect("members").members().collect();
    let [Member::Field(field), Member::Init(init), Member::Function(plus)] = members[..] else {
        panic!("{members:?}")
    };
    assert!(field.var().is_some() && field.value().is_some());
    assert!(members[0].modifiers().is_some_and(|m| m.has(SyntaxKind::PrivateWord)));
    assert!(init.body().is_some());
    assert_eq!(plus.operator().map(ast::OperatorName::text), Some("+"));
    let Some(ast::FnBody::ArrowBody(body)) = plus.body() else { panic!("a value") };
    assert!(matches!(body.value(), Some(Body::Expr(Expr::NameExpr(_)))));
    let Item::Enum(e) = items[1] else { panic!("an enum") };
    assert_eq!(
        e.members().map(|m| m.members().filter(|m| matches!(m, Member::EnumCase(_))).count()),
        Some(2)
    );
}

#[test]
fn operators_have_their_sides() {
    let parse = good("fn f() {\n    a >>> b >> c\n    -d not in_it\n}\n".replace(" not in_it", "").as_str());
    let ops: Vec<BinaryOp> = all::<BinaryExpr<'_>>(&parse).iter().filter_map(|b| b.op()).collect();
    assert_eq!(ops, [BinaryOp::ShiftRight, BinaryOp::ShiftRightUnsigned]);
    let outer = all::<BinaryExpr<'_>>(&parse)[0];
    assert_eq!(outer.left().map(|e| e.node().text()), Some("a >>> b"));
    assert_eq!(outer.right().map(|e| e.node().text()), Some("c"));
    assert_eq!(all::<UnaryExpr<'_>>(&parse)[0].op(), Some(UnaryOp::Negate));
}

#[test]
fn statements_have_their_parts() {
    let text = "fn f() {\n    x >>>= 1\n    y = 2\n    assert a, b\n    assert let c = d, e\n    outer: for (p, q) in r { break outer }\n    select { v from w => { } }\n}\n";
    let parse = good(text);
    let ops: Vec<_> = all::<ast::AssignStmt<'_>>(&parse).iter().map(|a| a.op()).collect();
    assert_eq!(ops, [Some(BinaryOp::ShiftRightUnsigned), None]);
    let messages: Vec<_> = all::<ast::AssertStmt<'_>>(&parse)
        .iter()
        .filter_map(|a| a.message())
        .map(|e| e.node().text())
        .collect();
    assert_eq!(messages, ["b", "e"]);
    let Some(Stmt::ForStmt(each)) =
        all::<Stmt<'_>>(&parse).into_iter().find(|s| matches!(s, Stmt::ForStmt(_)))
    else {
        panic!("a loop")
    };
    assert_eq!(each.label().and_then(|l| l.name()).map(|t| t.text()), Some("outer"));
    assert_eq!(each.iterable().map(|e| e.node().text()), Some("r"));
    let arm = all::<ast::FromArm<'_>>(&parse)[0];
    assert_eq!(arm.channel().map(|e| e.node().text()), Some("w"));
    assert!(matches!(arm.body(), Some(Body::Block(_))));
}

fn parts(literal: &str) -> Vec<String> {
    let parse = good(&format!("fn f() {{\n    let x = {literal}\n}}\n"));
    let string = all::<Str<'_>>(&parse)[0];
    let shown = |part: &StrPart<'_>| match part {
        StrPart::Text(text) => format!("{text:?}"),
        StrPart::Hole(hole) => {
            format!("{} {:?}", hole.value().map_or("", |v| v.node().text()), hole.format().map(|f| f.width))
        }
    };
    string.parts().iter().map(shown).collect()
}

#[test]
fn strings_have_their_text() {
    assert_eq!(parts(r#""""#), [""; 0]);
    assert_eq!(parts(r#""a\n\{b}\u{e9}""#), [r#""a\n{b}é""#]);
    assert_eq!(parts(r#""{a}{b + "{c}":>8}""#), ["a None", "b + \"{c}\" Some(8)"]);
    assert_eq!(parts(r#"r"\n{a}""#), [r#""\\n{a}""#]);
    assert_eq!(
        parts("\"\"\"\n        one\n          two {x}\n        three\n        \"\"\""),
        [r#""one\n  two ""#, "x None", r#""\nthree\n""#]
    );
    assert_eq!(parts("\"\"\"a \"b\" c\"\"\""), [r#""a \"b\" c""#]);
}

#[test]
fn nodes_are_found_by_number_and_place() {
    let parse = good("fn f() { g(h) }\n");
    let tree = &parse.tree;
    let names = all::<NameExpr<'_>>(&parse);
    let last = names[1].node();
    assert_eq!(tree.node(last.id()), Some(last));
    assert_eq!(tree.node(NodeId(tree.len() as u32)), None);
    let token = tree.token_at(11).expect("a token");
    assert_eq!((token.text(), token.parent()), ("h", last));
    assert_eq!(last.ancestors().last(), Some(tree.root()));
    assert_eq!(tree.token_at(10_000).map(|t| t.text()), Some("\n"));
    assert_eq!(children::<Item<'_>>(tree.root()).count(), 1);
}
