package Bench::Load;

# Sends the requests of a case: wrk for how many the server can answer, paced_load for how long one takes when they come
# on a schedule that does not wait for the server.

use strict;
use warnings;

use Bench::Cases qw(request_bytes);
use Bench::Nginx;
use Exporter qw(import);
our @EXPORT_OK = qw(as_many_as_it_can begin_as_many answered begin_paced figures_of paced check);

our ($directory, $paced_load);
my $connections = 16;

sub pinned { ('taskset', '-c', Bench::Nginx::load_core()) }

sub begin {
    my (@command) = @_;
    open my $out, '-|', @command or die "bench: $command[0]: $!\n";
    return {out => $out, command => "@command"};
}

# Waits for its end.
sub text_of {
    my ($run) = @_;
    local $/ = undef;
    my $text = readline $run->{out};
    close $run->{out} or die "bench: failed: $run->{command}\n";
    return $text;
}

sub output_of { text_of(begin(@_)) }

# Loads that are begun run beside one another; `answered` and `figures_of` wait for the end of one.
sub begin_as_many {
    my ($case, $port, $seconds) = @_;
    my $script = "$directory/wrk-$port.lua";
    my $header = $case->{header} ? do { my ($name, $value) = split /: /, $case->{header}, 2;
        qq(wrk.headers["$name"] = "$value"\n) } : '';
    my $body = defined $case->{body} ? <<~"LUA" : '';
        wrk.method = "POST"
        wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
        wrk.body = "$case->{body}"
        LUA
    Bench::Nginx::write_file($script, $header . $body);
    return {case => $case, run => begin(pinned(), 'wrk', '-t1', "-c$connections", "-d${seconds}s", '-s', $script,
        "http://127.0.0.1:$port$case->{path}")};
}

# Requests, and those a second; a case whose answers are not what it is about is no measurement.
sub answered {
    my ($load) = @_;
    my ($case, $text) = ($load->{case}, text_of($load->{run}));
    my ($requests) = $text =~ /(\d+) requests in/ or die "bench: wrk says: $text";
    my ($a_second) = $text =~ m{Requests/sec:\s+([\d.]+)};
    my $refused = $text =~ /Non-2xx or 3xx responses: (\d+)/ ? $1 : 0;
    my $expected = ($case->{status} // 200) == 200 ? 0 : $requests;
    die "bench: $case->{name}: $refused of $requests requests were refused\n" if abs($refused - $expected) > $connections;
    return ($requests, $a_second);
}

sub as_many_as_it_can { answered(begin_as_many(@_)) }

sub begin_paced {
    my ($request, $port, %options) = @_;
    my $file = "$directory/request-$port";
    Bench::Nginx::write_file($file, $request);
    my @options = map { ("--$_", $options{$_}) } sort keys %options;
    return begin(pinned(), $paced_load, $port, $file, @options);
}

# What paced_load prints, by name.
sub figures_of { return {map {split} split /\n/, text_of($_[0])} }

# paced($request, $port, option => value, …)
sub paced { figures_of(begin_paced(@_)) }

# Every check of a case, as curl sends it; all of 127.0.0.0/8 is this machine.
sub check {
    my ($case, $port) = @_;
    for my $check (@{$case->{checks}}) {
        my @request = defined $check->{body} ? ('-d', $check->{body}) : ();
        push @request, '-H', $check->{header} if $check->{header};
        my $status = output_of('curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', '--interface', $check->{from},
            @request, "http://127.0.0.1:$port$check->{path}");
        die "bench: $case->{name} answers $status from $check->{from}, not $check->{status}\n"
            if $status != $check->{status};
    }
}

1;
