# A store that is down, slow, or that lies, while clients measure: see t/faults/store.pl.

use strict;
use warnings;
use Test::More;
use IPFence::Fault qw(test_faults);

test_faults('store');
