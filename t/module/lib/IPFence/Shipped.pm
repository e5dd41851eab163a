package IPFence::Shipped;

# The configuration that this project ships, moved to a test's directory, addresses and ports: so that what users
# copy is what is tested. The provider's endpoints are below /oauth.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(basename dirname);

use IPFence::Gate;

use Exporter qw(import);
our @EXPORT = qw(shipped_gate);

my $shipped = abs_path(dirname(__FILE__) . '/../../../../conf');

# shipped_gate(server => '…', …): `server` is written into the server block, the others are as for gate().
sub shipped_gate {
    my (%given) = @_;
    my $server = delete $given{server} // '';
    my $gate = gate(stopped => 1, %given);
    mkdir $gate->file('providers');
    for my $file (glob "$shipped/providers/*.conf") {
        $gate->write_file('providers/' . basename($file), below_oauth(IPFence::Gate::read_whole($file)));
    }
    my $text = $gate->{configuration} = configuration($gate, $server);
    $gate->write_file('nginx.conf', $text);
    return $gate->start;
}

# "Where the provider is mounted below a prefix, change the paths."
sub below_oauth {
    my ($text) = @_;
    $text =~ s{\^/(?=\(?(?:token|auth|me|session)\b)}{^/oauth/}g;
    return $text;
}

sub configuration {
    my ($gate, $server) = @_;
    my $text = IPFence::Gate::read_whole("$shipped/nginx.conf");
    my $temporary = join ' ', map { "${_}_temp_path $gate->{dir}/$_;" } qw(client_body proxy fastcgi uwsgi scgi);
    my @changes = (
        ['modules/ngx_http_ipfence_module.so' => IPFence::Gate::module_path()],
        ['user www-data;' => $> == 0 ? 'user root;' : ''],
        ['worker_processes auto;' => 'worker_processes 1; daemon off;'],
        ['/run/nginx.pid' => $gate->file('nginx.pid')],
        ['/var/log/nginx/ipfence.ndjson' => $gate->file('audit.ndjson')],
        ['/var/log/nginx' => $gate->{dir}],
        ['/var/lib/nginx' => $gate->{dir}],
        ['zone=ipfence:64m' => 'zone=ipfence:1m'],
        ['server 127.0.0.1:3000' => "server 127.0.0.1:$gate->{provider}{port}"],
        ['listen 443 ssl http2' => "listen 127.0.0.1:$gate->{port} " . ($gate->{listen} // '')],
        ['listen 443 ssl default_server' => "listen 127.0.0.1:$gate->{port} default_server"],
        ["        ssl_reject_handshake on;\n" => ''],
        ['server_name id.example.com' => 'server_name gate.test'],
        ["        ssl_certificate /etc/nginx/tls/id.example.com.pem; # CHANGE\n" => ''],
        ["        ssl_certificate_key /etc/nginx/tls/id.example.com.key; # CHANGE\n" => ''],
        ["        ipfence \$ipfence_kind;\n" => "        ipfence \$ipfence_kind;\n$server\n"],
        ["http {\n" => "http {\n    $temporary\n"],
    );
    for my $change (@changes) {
        my ($what, $by) = @$change;
        $text =~ s/\Q$what\E/$by/g or die "conf/nginx.conf has no \"$what\" any more";
    }
    return $text;
}

1;
