# P16: monitor mode that ends by itself, whatever happens to nginx and to the clock meanwhile.

use strict;
use warnings;
use POSIX qw(strftime);
use Test::More;
use Time::HiRes qw(sleep time);
use IPFence::Gate;
use IPFence::Http;
use IPFence::World;

sub utc { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $_[0]) }

sub server { return "location /token { ipfence token; ipfence_mode monitor until=$_[0]; proxy_pass http://provider; }" }

# A gate whose monitor mode ends after so many seconds, to the second.
sub gate_for {
    my ($seconds, %given) = @_;
    sleep 1 - (time - int time);
    my $gate = gate(policy => world(), server => server(utc(int(time) + $seconds)), stopped => 1, %given);
    $gate->compile_preload('shifted_clock.c') == 0 or die 'no shifted clock';
    $gate->write_file('clock', '0');
    $gate->{ends} = int(time) + $seconds;
    $gate->start;
    $gate->answers(tokens('alice', access_token => 'secret'));
    return $gate;
}

my %code = (grant_type => 'authorization_code', code => 'c', client_id => 'web');

# What becomes of a request that the policy denies.
sub outcome {
    my ($gate, %form) = @_;
    my %parameters = (%code, %form);
    delete @parameters{grep { !defined $parameters{$_} } keys %parameters};
    my $status = $gate->token(\%parameters, from => outside)->{status};
    my $line = $gate->last_audit;
    return "$status $line->{decision} $line->{reason} " . ($line->{enforced} ? 'enforced' : 'not enforced');
}
my $passes = '200 deny outside_login_ip_ranges not enforced';
my $denied = '400 deny outside_login_ip_ranges enforced';

sub wait_for_end { my ($gate) = @_; sleep 0.1 while time < $gate->{ends} + 0.2 }

subtest 'the end' => sub {
    my $gate = gate_for(4);
    is(outcome($gate), $passes, 'before it');
    like($gate->error_log, qr/\[notice\].*"ipfence_mode monitor until=\S+": decisions are enforced again in \d seconds in .*nginx.conf:\d+/, 'the error log says how long');
    wait_for_end($gate);
    is(outcome($gate), $denied, 'after it, with no reload');
    is(outcome($gate, grant_type => 'password', code => undef, username => 'alice', password => 'x'), $denied, 'and of requests that need no answer');
    $gate->finish;
};

subtest 'an answer that comes after the end' => sub {
    my $gate = gate_for(3);
    $gate->answers([4, tokens('alice', access_token => 'secret')]);
    is(outcome($gate), $passes, 'is passed on, as the request was');
    $gate->answers(tokens('alice', access_token => 'secret'));
    is(outcome($gate), $denied, 'and the next one is not');
    $gate->finish;
};

subtest 'reloads, killed workers and a clock that is set back an hour' => sub {
    my $gate = gate_for(8, expected_log => [qr/exited on signal 9/]);
    is(outcome($gate), $passes, 'before the end');
    $gate->write_file('clock', '-3600');
    for (1 .. 2) {
        $gate->signal('HUP');
        sleep 0.7;
        kill KILL => $gate->workers;
        sleep 0.3;
    }
    is(outcome($gate), $passes, 'still before it');
    wait_for_end($gate);
    is(outcome($gate), $denied, 'it ends when it would have');
    $gate->signal('HUP');
    sleep 1;
    is(outcome($gate), $denied, 'and a reload does not begin it again');
    like($gate->error_log, qr/\[warn\].*"ipfence_mode monitor until=\S+" is over: decisions are enforced in /, 'as the error log says');
    $gate->finish;
};

subtest 'a time that has passed' => sub {
    my $gate = gate(policy => world(), server => server(utc(time - 60)));
    $gate->answers(tokens('alice', access_token => 'secret'));
    is(outcome($gate), $denied, 'opens nothing');
    $gate->finish;
};

done_testing;
