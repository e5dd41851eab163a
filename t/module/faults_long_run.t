# Everything at once, and nothing grows: see t/faults/long_run.pl.

use strict;
use warnings;
use Test::More;
use IPFence::Fault qw(test_faults);

test_faults('long_run');
