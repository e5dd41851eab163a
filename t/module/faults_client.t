# Clients that go away or take every connection, while others measure: see t/faults/client.pl.

use strict;
use warnings;
use Test::More;
use IPFence::Fault qw(test_faults);

test_faults('client');
