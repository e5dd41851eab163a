package IPFence::Nodes;

# Several gates before one provider that share a Redis: what one of them saw, the others must know.

use strict;
use warnings;

use File::Temp qw(tempdir);
use JSON::PP;
use Time::HiRes qw(sleep time);

use IPFence::Gate;
use IPFence::Http;
use IPFence::World;

use Exporter qw(import);
our @EXPORT = qw(nodes store_directive store_key login api_status is_known revoke store_status soon);

my $server = <<'CONF';
        location = /token { ipfence token; proxy_pass http://provider; }
        location = /auth { ipfence authorization; proxy_pass http://provider; }
        location = /api { ipfence resource; proxy_pass http://provider; }
        location = /welcome { ipfence login_flow; proxy_pass http://provider; }
        location = /revoke { ipfence revocation; proxy_pass http://provider; }
        location = /logout { ipfence logout; proxy_pass http://provider; }
        location = /heartbeat { ipfence off; return 200 beat; }
        location /status/ { ipfence_status; }
CONF

# nodes(3, store => 'redis://…', options => 'timeout=500ms …', …): gates that are running; the first one owns the
# provider. `no_store` leaves the store out, `server_more` is added to the server; the others of `%given` are for gate().
sub nodes {
    my ($number, %given) = @_;
    my %store = map { $_ => delete $given{$_} } qw(store options no_store store_key);
    my $directives = $store{no_store} ? '' : store_directive(%store);
    my $http = "ipfence_zone zone=tokens:1m snapshot=tokens.snapshot; ipfence_session_cookie sid; $directives " . (delete $given{http} // '');
    my $locations = $server . (delete $given{server_more} // '');
    my @nodes;
    for (1 .. $number) {
        push @nodes, gate(policy => world(), server => $locations, ($nodes[0] ? (provider => $nodes[0]{provider}) : ()), %given, http => $http,
            files => {'store.key' => $store{store_key} // store_key(), %{$given{files} // {}}});
    }
    return @nodes;
}

sub store_directive {
    my (%store) = @_;
    return "ipfence_store $store{store} key=store.key " . ($store{options} // 'timeout=5s') . ';';
}

my $key;

# As `openssl rand -base64 32` makes it; the same for all nodes of a test.
sub store_key { chomp($key //= qx(openssl rand -base64 32)); return "$key\n" }

my $count = 0;

# Logs a user in at an app, with a session, from the office: the number of the login, by which its code, tokens and
# session are called.
sub login {
    my ($gate, %with) = @_;
    my ($user, $app, $number) = ($with{user} // 'alice', $with{app} // 'relaxed', ++$count);
    $gate->answers(redirect("https://app.test/cb?code=code-$number", set_cookie('sid', "session-$number")));
    $gate->request(method => 'GET', path => "/auth?client_id=$app");
    $gate->answers(tokens($user, access_token => "access-$number", refresh_token => "refresh-$number"));
    my $exchanged_at = $with{exchanged_at} // $gate;
    my $status = $exchanged_at->token({grant_type => 'authorization_code', code => "code-$number", client_id => $app})->{status};
    $gate->answers(page('ok'));
    die "login at $app: $status" unless $status == 200;
    return $number;
}

sub api_status {
    my ($gate, $number, %with) = @_;
    return ($gate->request(method => 'GET', path => '/api', from => outside, headers => [['Authorization', "Bearer access-$number"]], %with) // {status => 'none'})->{status};
}

# The app `relaxed` is allowed from outside only as long as the token and how its session began are known.
sub is_known { return api_status(@_) eq '200' }

sub revoke { my ($gate, $number) = @_; return $gate->request(path => '/revoke', body => "token=refresh-$number")->{status} }

# The section `store` of status.json.
sub store_status {
    my ($gate) = @_;
    my $response = $gate->request(method => 'GET', path => '/status/status.json');
    return decode_json($response->{body})->{store};
}

# How long it took until this was so; undef when it was not within the time.
sub soon {
    my ($what, $seconds) = @_;
    my $began = time;
    until ($what->()) {
        return undef if time - $began > ($seconds // 5);
        sleep 0.01;
    }
    return time - $began;
}

1;
