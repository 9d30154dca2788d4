//! The operations' implementations, one module per family of the table.
//!
//! A row of the table with `family = "f"` and `name = "n"` is implemented by the function `f::n`, which
//! takes the run and the row's parameters. The trait, its implementation and the dispatch are generated
//! from the table, so adding an operation is one row and one function; a row without its function does
//! not compile.

mod candidates;
mod measurement;
mod navigation;
mod query;
mod relations;
mod rendering;
#[cfg(test)]
mod tests;
mod viewpoints;
mod visibility;

use reasmory_ops::{OpId, for_each_intrinsic};

use crate::abi::{self, FromSlot, IntoSlot};
use crate::{Fault, Run, Slot, fault::FaultKind};

macro_rules! operations_trait {
    ($({
        #[doc = $doc:literal]
        $family:ident $name:ident $variant:ident ($($param:ident: $ty:ty,)*) -> $result:ty
    })*) => {
        /// Every intrinsic of the table as a method.
        pub trait Operations {
            $(#[doc = $doc]
            fn $name(&mut self, $($param: $ty),*) -> Result<$result, Fault>;)*
        }

        impl Operations for Run<'_> {
            $(fn $name(&mut self, $($param: $ty),*) -> Result<$result, Fault> {
                $family::$name(self, $($param),*)
            })*
        }

        /// Each intrinsic as a function of slots: reads the arguments, calls it, writes the result.
        pub mod direct {
            use super::*;

            $(#[doc = $doc]
            pub fn $name(run: &mut Run<'_>, args: &[Slot]) -> Result<Slot, Fault> {
                #[allow(unused_mut, unused_variables)]
                let mut next = args.iter();
                $(let $param = <$ty as FromSlot>::from_slot(
                    *next.next().ok_or_else(missing)?, &run.arena)?;)*
                let result = Operations::$name(run, $($param),*)?;
                IntoSlot::into_slot(result, &mut run.arena)
            })*
        }

        /// Calls the intrinsic of this id.
        pub fn dispatch(run: &mut Run<'_>, op: OpId, args: &[Slot]) -> Result<Slot, Fault> {
            match op {
                $(OpId::$variant => direct::$name(run, args),)*
            }
        }
    };
}

for_each_intrinsic!(operations_trait);

fn missing() -> Fault {
    Fault::new(FaultKind::Internal, "an intrinsic was called with too few arguments")
}
