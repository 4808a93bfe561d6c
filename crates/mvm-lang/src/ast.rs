//! stub
use crate::tree::Node;
pub struct File<'t>(Node<'t>);
impl<'t> File<'t> { pub fn of(n: Node<'t>) -> Self { File(n) } }
