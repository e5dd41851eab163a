package IPFence::World;

# What the tests of sessions share: a policy with one app of each relaxation, and the answers of a provider.

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP;
use IPFence::Gate qw(jwt);

our @EXPORT = qw(world tokens json_answer redirect page set_cookie);

# alice may be in the office only; robin anywhere. `%organization` overrides settings.
sub world {
    my (%organization) = @_;
    return {
        ipfence => 1,
        organization => {
            default_profile => 'office',
            user_claims => ['preferred_username', 'sub'],
            continuous_ip_enforcement => JSON::PP::true,
            verification_claims => {amr => ['mfa'], acr => ['urn:verified']},
            %organization,
        },
        profiles => {
            office => {login_ip_ranges => ['127.0.1.0/24']},
            anywhere => {unrestricted => JSON::PP::true},
        },
        users => {alice => 'office', robin => 'anywhere'},
        apps => {
            web => {},
            relaxed => {ip_relaxation => 'relax'},
            refresh => {ip_relaxation => 'relax_for_refresh_tokens'},
            devices => {ip_relaxation => 'relax_for_activated_devices'},
            branch => {ip_relaxation => 'relax_for_activated_devices', trusted_ip_ranges => ['127.0.3.0/24']},
            service => {run_as => 'alice'},
        },
    };
}

sub json_answer {
    my ($body, $status) = @_;
    my $text = ref $body ? JSON::PP->new->canonical->encode($body) : $body;
    $status //= '200 OK';
    return "HTTP/1.1 $status\r\nContent-Type: application/json\r\nContent-Length: ${\ length $text}\r\n\r\n$text";
}

# A token response for `user` (unless undef, then nothing says who it is), with further members.
sub tokens {
    my ($user, %members) = @_;
    my %claims = (%{delete $members{claims} // {}}, defined $user ? (sub => $user) : ());
    return json_answer({
        token_type => 'Bearer', expires_in => 3600,
        (defined $user ? (id_token => jwt(\%claims)) : ()), %members,
    });
}

sub redirect {
    my ($location, @headers) = @_;
    my $lines = join '', map { "$_\r\n" } @headers;
    return "HTTP/1.1 303 See Other\r\nLocation: $location\r\n${lines}Content-Length: 0\r\n\r\n";
}

sub page {
    my ($body, @headers) = @_;
    my $lines = join '', map { "$_\r\n" } @headers;
    return "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n${lines}"
        . "Content-Length: ${\ length $body}\r\n\r\n$body";
}

sub set_cookie { my ($name, $value, $attributes) = @_; return "Set-Cookie: $name=$value" . ($attributes // '; Path=/; HttpOnly') }

1;
