# A database that a worker cannot read for want of descriptors may be sound: it is read when there are some again.

use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;
use IPFence::Geoip;

# UBSan takes descriptors to look at an object, and ends a process that has none: this is tried without.
delete @ENV{qw(IPFENCE_SANITIZE IPFENCE_MODULE)} if $ENV{IPFENCE_SANITIZE};

my $directory = tempdir(CLEANUP => 1);
chmod 0755, $directory;
sub write_database { my ($address) = @_; return country_database("$directory/country.mmdb", $address => 'DE') }

my $policy = IPFence::Gate::default_policy();
$policy->{networks} = {germany => {countries => ['DE']}};
$policy->{profiles}{office}{login_ip_ranges} = ['network:germany'];
my $gate = gate(
    policy => $policy,
    http => "ipfence_geoip country=${\ write_database('127.0.1.0/24') };",
    expected_log => [qr/ipfence_geoip: .*country\.mmdb/],
);
my ($worker) = $gate->workers;

sub let_have { my ($descriptors) = @_; system("prlimit --pid $worker --nofile=$descriptors:1024") == 0 or die "prlimit: $?" }

sub statuses {
    my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
    return join ' ', map { $gate->token(\%password, from => $_)->{status} } inside, outside;
}

is(statuses(), '200 400', 'by the first database');
write_database('127.0.2.0/24');
ok(wait_for(sub { statuses() eq '400 200' }), 'by the second');
let_have(3);
write_database('127.0.1.0/24');
ok(wait_for(sub { $gate->times_logged(qr/tried again and again/) }), 'there is no descriptor to read the third');
sleep 3;
is($gate->times_logged(qr/tried again and again/), 1, 'which is said once');
let_have(1024);
ok(wait_for(sub { statuses() eq '200 400' }), 'by the third, when there are some again');
$gate->provider_saw;
$gate->finish;
done_testing;
