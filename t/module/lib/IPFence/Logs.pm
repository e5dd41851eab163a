package IPFence::Logs;

# What a gate (IPFence::Gate) has written: audit lines, error log, access logs.

use strict;
use warnings;

use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep time);

use IPFence::Nginx qw(read_whole);

# The audit lines since this was last asked.
sub audit {
    my ($self) = @_;
    my $from = $self->{audit_read} // 0;
    open my $handle, '<:raw', $self->file('audit.ndjson') or return ();
    seek $handle, $from, 0;
    my @lines = <$handle>;
    $self->{audit_read} = tell $handle;
    return map { decode_json($_) } @lines;
}

sub last_audit { my ($self) = @_; my @lines = $self->audit; return $lines[-1] // {} }

# How often it says so.
sub times_logged { my ($self, $pattern) = @_; my $count = () = $self->error_log =~ /$pattern/g; return $count }

# The lines of an access log once it has `count` of them: nginx writes them after the response.
sub log_lines {
    my ($self, $name, $count) = @_;
    my $deadline = time + 5;
    my @lines;
    do {
        sleep 0.01;
        @lines = split /\n/, read_whole($self->file($name));
    } until @lines >= $count || time > $deadline;
    return @lines;
}

# Says all that there is to know when a test has failed.
sub report {
    my ($self) = @_;
    my @tail = split /\n/, $self->error_log;
    splice @tail, 0, @tail - 20 if @tail > 20;
    diag "configuration:\n$self->{configuration}";
    diag "request:\n" . ($self->{last}{request} // '') . "\nresponse:\n" . ($self->{last}{response} // '');
    my @audit = split /\n/, read_whole($self->file('audit.ndjson'));
    splice @audit, 0, @audit - 5 if @audit > 5;
    diag "audit:\n" . join "\n", @audit;
    diag "error log:\n" . join "\n", @tail;
}

# The lines of the error log that should not be there.
sub bad_log_lines {
    my ($self) = @_;
    my @bad = grep { /AddressSanitizer|runtime error|exited on signal|\[emerg\]|\[alert\]/ } split /\n/, $self->error_log;
    return grep { my $line = $_; !grep { $line =~ $_ } @{$self->{expected_log} // []} } @bad;
}

sub check_log {
    my ($self) = @_;
    my @bad = $self->bad_log_lines;
    is(scalar @bad, 0, 'the error log has no crash, alert or sanitizer report') or diag join "\n", @bad;
}

1;
