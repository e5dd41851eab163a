# Workers and a master without memory while clients measure: see t/faults/memory.pl.

use strict;
use warnings;
use Test::More;
use IPFence::Fault qw(test_faults);

# The sanitizers' allocator ends a process that has no memory, whatever it would do about it: this is measured without.
delete @ENV{qw(IPFENCE_SANITIZE IPFENCE_MODULE)} if $ENV{IPFENCE_SANITIZE};

test_faults('memory');
