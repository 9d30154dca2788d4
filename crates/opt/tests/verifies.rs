//! What passes make verifies: cases that random programs found. Each pass is shown before and after, and run,
//! by the filetests of the whole system.

use reasmory_ir::{parse, verify};
use reasmory_opt::{Pass, run_passes};

/// Once threading the jump of `b3` into the branch of `b1` read the list while the loop could still push.
const LIST_LEAVES_ITS_LOOP: &str = "fn main() {
b0:
  %0: Int = int 1
  %1: List<Int> = list
  %2: Bool = icmp.lt %0, %0
  branch %2 ? b5 : b6
b1(%3: Int):
  fuel
  %4: Bool = icmp.le %3, %0
  branch %4 ? b2 : b3
b2:
  push %1, %3
  %5: Int = iadd %3, %0
  jump b1(%5)
b3:
  jump b4(%1)
b4(%6: List<Int>):
  answer %6
  return
b5:
  %7: List<Int> = list %0
  jump b4(%7)
b6:
  jump b1(%0)
}
";

#[test]
fn passes_keep_to_the_verifier() {
    let program = verify(parse(LIST_LEAVES_ITS_LOOP).unwrap()).unwrap();
    for pass in Pass::ALL {
        let done = run_passes(&program, &[pass]);
        assert!(done.is_ok(), "{pass:?}: {:?}", done.err());
    }
    let done = reasmory_opt::optimise(&program, reasmory_opt::Options::default());
    assert!(done.is_ok(), "{:?}", done.err());
}
