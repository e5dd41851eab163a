# Workers that are killed, and reloads, while clients measure: see t/faults/worker.pl.

use strict;
use warnings;
use Test::More;
use IPFence::Fault qw(test_faults);

test_faults('worker');
