package Bench::World;

# The provider, the sidecar and the nginx of each configuration, with the same policy for all of them.

use strict;
use warnings;

use Bench::Cases;
use Bench::Nginx;
use MIME::Base64 qw(encode_base64url);
use Time::HiRes qw(sleep);

our ($directory, $module);
my ($sidecar, $upstream);
my %nginx;

my $policy = <<'JSON';
{"ipfence": 1,
 "organization": {"default_profile": "standard", "continuous_ip_enforcement": true},
 "profiles": {"standard": {"login_ip_ranges": ["127.0.0.0/24", "203.0.113.0/24", "2001:db8::/32"]},
              "everywhere": {"unrestricted": true}},
 "users": {"alice@example.com": "standard", "bob@example.com": "everywhere"},
 "apps": {"web": {"ip_relaxation": "enforce", "run_as": "alice@example.com"},
          "mobile": {"ip_relaxation": "relax"}}}
JSON

# What the provider would sign; the gate does not look at the signature of an answer.
sub id_token {
    return join '.', map { encode_base64url($_) } '{"alg":"RS256","kid":"2026-11"}',
        '{"iss":"http://127.0.0.1","sub":"alice@example.com","aud":"web","exp":1900000000,"iat":1800000000}',
        "\0" x 256;
}

# A JWT that the gate's keys verify, and the keys.
sub jwt_and_keys {
    my $key = "$directory/key.pem";
    system("openssl genrsa -out $key 2048 2>/dev/null") == 0 or die "bench: openssl makes no key\n";
    my ($modulus) = `openssl rsa -in $key -noout -modulus` =~ /=(\w+)/;
    my $n = encode_base64url(pack 'H*', $modulus);
    my $text = join '.', map { encode_base64url($_) } '{"alg":"RS256","kid":"bench","typ":"at+jwt"}',
        sprintf '{"iss":"http://127.0.0.1","sub":"alice@example.com","client_id":"web","aud":"api","exp":%d,"iat":%d}',
        time + 86_400, time;
    my $signature = `printf %s $text | openssl dgst -sha256 -sign $key`;
    return ("$text." . encode_base64url($signature),
        qq({"keys":[{"kty":"RSA","kid":"bench","alg":"RS256","e":"AQAB","n":"$n"}]}));
}

sub start_upstream {
    $upstream = Bench::Nginx->start(
        name => 'upstream', directory => "$directory/upstream", core => Bench::Nginx::load_core(),
        words => {OPAQUE => $Bench::Cases::opaque, CODE => $Bench::Cases::code, IDTOKEN => id_token()},
    );
}

sub start_sidecar {
    my $port = Bench::Nginx::free_port();
    my $pid = fork // die "bench: fork: $!\n";
    if ($pid == 0) {
        exec 'taskset', '-c', Bench::Nginx::load_core(), 'node', "$FindBin::Bin/peers/sidecar.js", $port
            or die "bench: node: $!\n";
    }
    for (1 .. 100) {
        last if IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port);
        sleep 0.1;
    }
    return {pid => $pid, port => $port};
}

sub sidecar_cpu { $sidecar ? Bench::Nginx::cpu_of($sidecar->{pid}) : 0 }

# nginx($template, workers => …, id => …, keys => …, words => {…}, under => [command]): started when it is asked for first.
sub nginx {
    my ($name, %given) = @_;
    my $workers = $given{workers} // 1;
    my $id = join '-', $name, $workers, $given{id} // ();
    return $nginx{$id} //= do {
        $upstream // start_upstream();
        $sidecar //= start_sidecar() if $name eq 'auth_request';
        Bench::Nginx->start(
            name => $name, directory => "$directory/$id", workers => $workers, under => $given{under},
            words => {
                UPSTREAM => $upstream->{port}, SIDECAR => $sidecar && $sidecar->{port}, MODULE => $module,
                PEERS => "$FindBin::Bin/peers", %{$given{words} // {}},
            },
            files => {'policy.json' => $policy, 'jwks.json' => $given{keys} // '{"keys":[]}'},
        );
    };
}

# Lets a gate see a session begin: a code, its exchange, the tokens.
sub begin_session {
    my ($nginx) = @_;
    my ($authorization, $token) = map {"http://127.0.0.1:$_"} $nginx->port_of('AUTHORIZATION'), $nginx->port_of;
    my $body = Bench::Cases::form_of("grant_type=authorization_code&code=$Bench::Cases::code", 'web');
    system('curl', '-s', '-o', '/dev/null', "$authorization/authorization?client_id=web&response_type=code");
    system('curl', '-s', '-o', '/dev/null', '-d', $body, "$token/token");
}

# Takes as much memory for a file as a slice may log, and gives it back. The host of a virtual machine hands out memory
# when it is first touched, which takes whoever does that some ten microseconds a page: more than the rest of a log.
sub touch_memory {
    my ($seconds) = @_;
    my $file = "$directory/touched";
    open my $out, '>', $file or die "bench: $file: $!\n";
    my $megabyte = 'x' x 2**20;
    print {$out} $megabyte or die "bench: $file: $!\n" for 1 .. 40 * $seconds;
    close $out or die "bench: $file: $!\n";
    unlink $file;
}

sub stop {
    Bench::Nginx::stop_all();
    if ($sidecar) {
        kill 'TERM', $sidecar->{pid};
        waitpid $sidecar->{pid}, 0;
    }
    (undef, $sidecar, $upstream) = (undef, undef, undef);
}

1;
