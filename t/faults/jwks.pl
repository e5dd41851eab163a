# Key sets that are broken, emptied, removed, or written again and again: the keys that were read before stay in
# force, for the tokens that they signed and for no others.

package IPFence::Fault::Jwks;

use strict;
use warnings;
use File::Temp qw(tempdir);
use IPFence::Fault;
use IPFence::Gate;
use IPFence::Keys;
use IPFence::Load qw(server_block);
use Time::HiRes qw(sleep time);

my $directory = tempdir(CLEANUP => 1);
my ($steady, $old, $new, $foreign) = map { make_key("$directory/$_.pem") } qw(steady old new foreign);
# Two sets of the same length.
my ($old_set, $new_set) = map { key_set(jwk($steady, 'one'), jwk($_, 'two')) } $old, $new;

my %claims = (iss => 'https://id.test', aud => 'api', client_id => 'web', exp => int(time) + 24 * 3600);
my @tokens = (
    (map { [sign($steady, {%claims, sub => 'alice', jti => "a$_"}), 'alice'] } 1 .. 10),
    (map { [sign($steady, {%claims, sub => 'robin', jti => "r$_"}), 'robin'] } 1 .. 10),
    (map { [sign($foreign, {%claims, sub => 'robin', jti => "f$_"}), undef] } 1 .. 10),
);

my %with_keys = (
    files => {'keys.json' => $old_set},
    server => server_block() . <<'CONF',
        location = /bearer {
            ipfence resource; ipfence_jwks keys.json; ipfence_issuer https://id.test; ipfence_audience api;
            proxy_pass http://provider;
        }
CONF
);
my %load = (kinds => [qw(password bearer bearer bearer)], tokens => sub { return @{$tokens[rand @tokens]} });

sub overwrite { my ($gate, $text) = @_; $gate->overwrite_file('keys.json', $text) }

sub is_in_force {
    my ($gate, $key) = @_;
    my $token = sign($key, {%claims, sub => 'robin'}, kid => 'two');
    return $gate->request(method => 'GET', path => '/bearer', headers => [['Authorization', "Bearer $token"]])->{status} eq '200';
}

sub new_keys_are_taken_up {
    my ($gate) = @_;
    return wait_for(sub { is_in_force($gate, $new) && !is_in_force($gate, $old) }) ? () : 'the new keys are not taken up';
}

fault jwks_broken => (
    id => 'P9',
    gate => \%with_keys,
    load => \%load,
    inject => sub {
        my ($gate, $end) = @_;
        return in_turn(0.3, $end,
            sub { overwrite($gate, substr $new_set, 0, 200) },
            sub { overwrite($gate, '') },
            sub { overwrite($gate, '{"keys":[]}') },
            sub { overwrite($gate, join '', map { chr((7 + 31 * $_ * $_) % 256) } 1 .. 4096) },
            sub { overwrite($gate, '<html>502 Bad Gateway</html>') },
            sub { overwrite($gate, key_set({kty => 'oct', kid => 'one', k => base64url('secret')})) },
            sub { unlink $gate->file('keys.json') },
            sub { mkdir $gate->file('keys.json') },
            sub { rmdir $gate->file('keys.json') },
        );
    },
    mend => sub { my ($gate) = @_; rmdir $gate->file('keys.json'); overwrite($gate, $new_set) },
    says => qr/ipfence_jwks [^\n]*?: ([^\n]*; the keys that were read before stay in force)/,
    fails => 0,
    check => \&new_keys_are_taken_up,
);

# In place, so that half a file may be read, and so that no version looks different from the one before: the last
# one comes within the second in which the one before it was read.
fault jwks_rewritten => (
    id => 'P9',
    gate => {%with_keys, workers => 1},
    load => \%load,
    inject => sub {
        my ($gate, $end) = @_;
        my @sets = ($new_set, $old_set);
        return every(0.002, $end, sub { @sets = reverse @sets; overwrite($gate, $sets[0]) });
    },
    mend => sub {
        my ($gate) = @_;
        sleep 1 - (time - int time);
        overwrite($gate, $old_set);
        sleep 0.02;
        is_in_force($gate, $old);
        overwrite($gate, $new_set);
    },
    fails => 0,
    check => \&new_keys_are_taken_up,
);

1;
