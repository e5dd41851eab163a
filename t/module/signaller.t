# `nginx -s` reads the configuration to find out which process it is to signal: it ends nginx, and has it reopen its logs,
# whatever has become of the files that change while it runs.

use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;
use IPFence::Gate;
use IPFence::Geoip;
use IPFence::Keys;

my $directory = tempdir(CLEANUP => 1);
chmod 0755, $directory;
my $country = country_database("$directory/country.mmdb", '127.0.4.0/24' => 'DE');
my $gate = gate(
    stopped => 1,
    http => "ipfence_geoip country=$country; ipfence_jwks keys.json; ipfence_issuer https://id.test;",
    expected_log => [qr/policy\.json|keys\.json|ipfence_geoip/],
);
$gate->write_file('keys.json', key_set(jwk(make_key($gate->file('one.pem')), 'one')));
$gate->start;

# What it printed, where it failed.
sub says {
    my ($signal) = @_;
    my %environment = IPFence::Gate::sanitizer_environment();
    local @ENV{keys %environment} = values %environment;
    my $printed = join ' ', map { s/\n/ /gr } qx(@{[$gate->nginx_command]} -s $signal 2>&1);
    return $? == 0 ? 'done' : $printed;
}

is(says('reopen'), 'done', 'reopen: done');
for my $case (
    ['policy', 'policy.json', sub { $gate->write_policy('{"ipfence": 1,') }],
    ['key set', 'keys.json', sub { $gate->write_file('keys.json', '{') }],
    ['database', 'country.mmdb', sub { open my $handle, '>', $country or die "$country: $!" }],
) {
    my ($what, $file, $spoil) = @$case;
    $spoil->();
    is(says('reopen'), 'done', "a faulty $what: reopen is done all the same");
    like(says('reload'), qr/policy\.json|\Q$file\E/, "a faulty $what: reload says what is wrong");
}
is($gate->token({grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web'})->{status}, 200, 'it goes on');
is(says('quit'), 'done', 'quit: done');
ok(wait_for(sub { !IPFence::Gate::is_running($gate->{pid}) }), 'quit: it ends');
$gate->finish;
done_testing;
