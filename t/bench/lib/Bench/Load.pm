package Bench::Load;

# Sends the requests of a case: wrk for how many the server can answer, paced_load for how long one takes when they come
# on a schedule that does not wait for the server.

use strict;
use warnings;

use Bench::Cases qw(request_bytes);
use Bench::Nginx;
use Exporter qw(import);
our @EXPORT_OK = qw(as_many_as_it_can paced check);

our ($directory, $paced_load);
my $connections = 16;

sub pinned { ('taskset', '-c', Bench::Nginx::load_core()) }

sub output_of {
    my (@command) = @_;
    open my $out, '-|', @command or die "bench: $command[0]: $!\n";
    local $/ = undef;
    my $text = <$out>;
    close $out or die "bench: failed: @command\n";
    return $text;
}

# Requests, and those a second; a case whose answers are not what it is about is no measurement.
sub as_many_as_it_can {
    my ($case, $port, $seconds) = @_;
    my $script = "$directory/wrk.lua";
    my $header = $case->{header} ? do { my ($name, $value) = split /: /, $case->{header}, 2;
        qq(wrk.headers["$name"] = "$value"\n) } : '';
    my $body = defined $case->{body} ? <<~"LUA" : '';
        wrk.method = "POST"
        wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
        wrk.body = "$case->{body}"
        LUA
    Bench::Nginx::write_file($script, $header . $body);
    my $text = output_of(pinned(), 'wrk', '-t1', "-c$connections", "-d${seconds}s", '-s', $script,
        "http://127.0.0.1:$port$case->{path}");
    my ($requests) = $text =~ /(\d+) requests in/ or die "bench: wrk says: $text";
    my ($a_second) = $text =~ m{Requests/sec:\s+([\d.]+)};
    my $refused = $text =~ /Non-2xx or 3xx responses: (\d+)/ ? $1 : 0;
    my $expected = ($case->{status} // 200) == 200 ? 0 : $requests;
    die "bench: $case->{name}: $refused of $requests requests were refused\n" if abs($refused - $expected) > $connections;
    return ($requests, $a_second);
}

# paced($request, $port, option => value, …): what paced_load prints, by name.
sub paced {
    my ($request, $port, %options) = @_;
    my $file = "$directory/request";
    Bench::Nginx::write_file($file, $request);
    my @options = map { ("--$_", $options{$_}) } sort keys %options;
    return {map {split} split /\n/, output_of(pinned(), $paced_load, $port, $file, @options)};
}

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
