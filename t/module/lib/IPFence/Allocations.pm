package IPFence::Allocations;

# An nginx whose allocations fail as planned (failing_allocation.c): after so many more, one of them or all that follow.

use strict;
use warnings;

use Test::More import => [qw(is)];

sub new {
    my ($class, $gate) = @_;
    my $self = bless {file => $gate->file('plan')}, $class;
    $self->plan(-1, 0);
    is($gate->compile_preload('failing_allocation.c'), 0, 'the failing allocator compiles');
    $ENV{FAILING_ALLOCATION} = $self->{file};
    return $self;
}

# In place: the worker has mapped it. -1: none fails.
sub plan {
    my ($self, $left, $persistent) = @_;
    open my $handle, -e $self->{file} ? '+<' : '>', $self->{file} or die "$self->{file}: $!";
    binmode $handle;
    print $handle pack 'q<q<', $left, $persistent;
    close $handle or die "$self->{file}: $!";
}

# How many are left until one fails.
sub left { my ($self) = @_; return unpack 'q<', IPFence::Gate::read_whole($self->{file}) }

1;
