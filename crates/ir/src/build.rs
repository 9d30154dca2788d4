//! Building one function block by block.

use reasmory_types::Ty;

use crate::{Block, BlockId, Function, Inst, InstKind, Loc, Target, TermKind, Terminator, Value};

/// Builds a [`Function`]. Blocks are filled one at a time: [`FunctionBuilder::switch_to`] chooses where
/// instructions go, and every block must be terminated before [`FunctionBuilder::finish`].
#[derive(Debug)]
pub struct FunctionBuilder {
    name: String,
    result: Option<Ty>,
    at_call: bool,
    values: Vec<Ty>,
    blocks: Vec<(Vec<Value>, Vec<Inst>, Option<Terminator>)>,
    current: BlockId,
}

impl FunctionBuilder {
    /// Starts a function; its parameters are those of the entry block, which is current.
    pub fn new(name: impl Into<String>, params: &[Ty], result: Option<Ty>) -> (Self, Vec<Value>) {
        let mut b = Self {
            name: name.into(),
            result,
            at_call: false,
            values: Vec::new(),
            blocks: Vec::new(),
            current: BlockId(0),
        };
        let (_, values) = b.block(params);
        (b, values)
    }

    /// Places everything in the function at its call (see [`Function::at_call`]).
    pub fn at_call(&mut self) {
        self.at_call = true;
    }

    /// A new block with parameters of these types.
    pub fn block(&mut self, params: &[Ty]) -> (BlockId, Vec<Value>) {
        let values: Vec<Value> = params.iter().map(|t| self.value(t.clone())).collect();
        self.blocks.push((values.clone(), Vec::new(), None));
        (BlockId(self.blocks.len() as u32 - 1), values)
    }

    fn value(&mut self, ty: Ty) -> Value {
        self.values.push(ty);
        Value(self.values.len() as u32 - 1)
    }

    /// Type of a value.
    pub fn ty(&self, v: Value) -> &Ty {
        &self.values[v.0 as usize]
    }

    /// Chooses the block that instructions are appended to.
    pub fn switch_to(&mut self, block: BlockId) {
        self.current = block;
    }

    /// The block that instructions are appended to.
    pub fn current(&self) -> BlockId {
        self.current
    }

    /// How many instructions the current block has.
    pub fn position(&self) -> usize {
        self.blocks[self.current.0 as usize].1.len()
    }

    /// Whether the current block already has its terminator.
    pub fn is_terminated(&self) -> bool {
        self.blocks[self.current.0 as usize].2.is_some()
    }

    /// Appends an instruction that defines a value.
    pub fn inst(&mut self, kind: InstKind, ty: Ty, loc: Loc) -> Value {
        let result = self.value(ty);
        self.blocks[self.current.0 as usize].1.push(Inst { result: Some(result), kind, loc });
        result
    }

    /// Appends an instruction that defines nothing.
    pub fn effect(&mut self, kind: InstKind, loc: Loc) {
        self.blocks[self.current.0 as usize].1.push(Inst { result: None, kind, loc });
    }

    /// Ends the current block. What follows a terminator is unreachable and dropped.
    pub fn terminate(&mut self, kind: TermKind, loc: Loc) {
        let term = &mut self.blocks[self.current.0 as usize].2;
        if term.is_none() {
            *term = Some(Terminator { kind, loc });
        }
    }

    /// Ends the current block with a jump.
    pub fn jump(&mut self, block: BlockId, args: Vec<Value>, loc: Loc) {
        self.terminate(TermKind::Jump(Target { block, args }), loc);
    }

    /// The finished function; blocks without a terminator return nothing.
    pub fn finish(self) -> Function {
        let blocks = self
            .blocks
            .into_iter()
            .map(|(params, insts, term)| Block {
                params,
                insts,
                term: term.unwrap_or(Terminator { kind: TermKind::Return(None), loc: Loc(0) }),
            })
            .collect();
        Function {
            name: self.name,
            result: self.result,
            at_call: self.at_call,
            values: self.values,
            blocks,
        }
    }
}
