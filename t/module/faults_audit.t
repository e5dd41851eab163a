# Audit logs that are full or taken away while clients measure: see t/faults/audit.pl.

use strict;
use warnings;
use Test::More;
use IPFence::Fault qw(test_faults);

test_faults('audit');
