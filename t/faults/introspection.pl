# An introspection endpoint that is down, slow, or makes no sense, on a server of its own: who cannot be asked about
# leaves the token unknown, which opens nothing, and whoever needs no introspection does not notice.

package IPFence::Fault::Introspection;

use strict;
use warnings;
use File::Temp qw(tempdir);
use IPFence::Fault;
use IPFence::Gate;
use IPFence::Issuer;
use IPFence::Load qw(server_block);

sub bearer_status {
    my ($gate, $token) = @_;
    return $gate->request(method => 'GET', path => '/bearer', headers => [['Authorization', "Bearer $token"]])->{status};
}

sub behaving {
    my ($behaviour, %load) = @_;
    my $asked;
    return (
        id => 'P6',
        gate => sub {
            my $port = IPFence::Gate::free_port();
            $asked = IPFence::Issuer->start(tempdir(CLEANUP => 1), $port);
            return (providers => [$asked], http => 'proxy_read_timeout 500ms;', server => server_block() . <<"CONF");
        location = /bearer { ipfence resource; ipfence_introspection /introspect; proxy_pass http://provider; }
        location = /introspect { internal; ipfence off; proxy_pass http://127.0.0.1:$port; }
CONF
        },
        load => {
            kinds => [qw(password code api bearer bearer)],
            tokens => sub {
                my ($number) = @_;
                my $user = (qw(alice robin nobody))[rand 3];
                return ("opaque.$user.$number", $user eq 'nobody' ? undef : $user);
            },
            %load,
        },
        inject => sub {
            my ($gate, $end, $seconds) = @_;
            return in_turn($seconds / 8, $end, map { my $now = $_; sub { $asked->behaves($now) } } 'well', $behaviour);
        },
        mend => sub { $asked->behaves('well') },
        strict => ['bearer'],
        fails => 0,
        says => qr/ipfence_introspection: (the provider gave no answer that can be read; the token is taken for unknown)/,
        check => sub {
            my ($gate) = @_;
            my $count = 0;
            return wait_for(sub { bearer_status($gate, 'opaque.alice.after' . ++$count) eq '200' }) ? () : 'tokens stay unknown afterwards';
        },
    );
}

fault introspection_down => behaving('down');
fault introspection_slow => behaving('slow', clients => 12);
fault introspection_garbage => behaving('garbage');
fault introspection_half => behaving('half');
fault introspection_huge => behaving('huge');

1;
