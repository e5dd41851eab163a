package IPFence::Exhaustion;

# What the faults of memory and of descriptors share: a gate that uses all that needs either, requests that want
# much of it, and limits of running processes.

use strict;
use warnings;

use File::Temp qw(tempdir);
use IPFence::Fault qw(limit workers);
use IPFence::Keys;
use IPFence::Load qw(server_block);

use Exporter qw(import);
our @EXPORT = qw(gate_of_everything load_of_everything unlimited);

my $directory = tempdir(CLEANUP => 1);
my ($key, $foreign) = map { make_key("$directory/$_.pem") } qw(key foreign);
my %claims = (iss => 'https://id.test', aud => 'api', client_id => 'web', exp => int(time) + 24 * 3600);
my @jwts = map { my $n = $_; map { [sign($key, {%claims, sub => $_, jti => "$_.$n"}), $_] } qw(alice robin) } 1 .. 5;
push @jwts, map { [sign($foreign, {%claims, sub => 'robin', jti => "f$_"}), undef] } 1 .. 5;

sub gate_of_everything {
    my (%gate) = @_;
    return {
        files => {'keys.json' => key_set(jwk($key, 'one'))},
        http => 'client_body_buffer_size 64k; proxy_buffers 16 8k;',
        server => server_block() . <<'CONF',
        location = /bearer {
            ipfence resource; ipfence_introspection /introspect;
            ipfence_jwks keys.json; ipfence_issuer https://id.test; ipfence_audience api;
            proxy_pass http://provider;
        }
        location = /introspect { internal; ipfence off; proxy_pass http://provider; }
CONF
        %gate,
    };
}

sub load_of_everything {
    my (%load) = @_;
    return {clients => 8, kinds => [qw(password code api refresh unseen bearer)], tokens => \&token, %load};
}

# A JWT, or an opaque token that is introspected.
sub token {
    my ($number) = @_;
    return @{$jwts[rand @jwts]} if rand() < 0.5;
    my $user = (qw(alice robin))[rand 2];
    return ("opaque.$user.$number", $user);
}

sub unlimited { my ($gate, $limit) = @_; limit($_, $limit) for $gate->{pid}, workers($gate) }

1;
