# Half an hour of tests, or packages that nobody asked for, are no answer to a wrong word: each script says how to call it, and
# does nothing.

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

my $scripts = abs_path(dirname(__FILE__) . '/../../scripts');
my %wrong = (
    'bench' => ['--only', '1 1 1'],
    'bench-store' => ['0', '1 1 1'],
    'build-with-nginx' => ['', '/nonexistent'],
    'demo' => ['--keep --keep'],
    'differential' => ['--requests', '--seed x'],
    'faults' => ['--seconds 0'],
    'fuzz' => ['--seconds 0', 'nobody'],
    'gate-proof' => ['0', '1 one', '1 1 1'],
    'install-dependencies' => ['--with-bench --with-package', 'nginx'],
    'instructions' => ['--profiles', '--only'],
    'mutation' => ['engine', 'module/gate.cpp'],
    'nginx-tests' => ['', '/nonexistent'],
    'package' => ['nginx'],
    'package-test' => ['a.deb b.deb'],
    'soak' => ['0', '1 1'],
    'style' => ['engine'],
    'test' => ['unit', '--only unit cli', '--only nobody'],
    'test-with-nginx' => ['', '/nonexistent'],
    'valgrind' => ['t/module/nobody.t'],
);

is_deeply([sort keys %wrong], [map { basename($_) } sort glob "$scripts/*"], 'every script is tried');
for my $name (sort keys %wrong) {
    for my $words ('--help', '--nothing', @{$wrong{$name}}) {
        my $said = qx(timeout 60 '$scripts/$name' $words 2>&1 >/dev/null </dev/null);
        is($? >> 8, 2, "$name $words: a wrong call");
        like($said, qr{^usage: scripts/\Q$name\E}, "$name $words: how to call it");
    }
}

# A module that is there since somebody measured on this machine is not there on a new one.
sub file_text {
    my ($path) = @_;
    open my $file, '<', $path or die "$path: $!";
    local $/;
    return scalar readline $file;
}
my ($installed) = file_text("$scripts/install-dependencies") =~ /^packages=\((.*?)^\)/ms;
my %loaded = map { $_ => 1 } map { file_text($_) =~ /\b(ngx_http_\w+_module)\b/g } glob "$scripts/../t/module/*.t";
delete $loaded{ngx_http_ipfence_module};
for my $module (sort keys %loaded) {
    my $package = "libnginx-mod-" . ($module =~ s{^ngx_|_module$}{}gr =~ tr{_}{-}r);
    like($installed, qr/\Q$package\E\s/, "$module, which a test loads, comes with what scripts/test installs");
}

# What nginx's own ./configure asks: a fault that it does not find is one of the compiler's, a hundred lines long.
for my $case (['ngx_module_link=ADDON', qr/use --add-dynamic-module/], ['ngx_module_link=DYNAMIC USE_OPENSSL=NO', qr/use --with-http_ssl_module/]) {
    my ($variables, $expected) = @$case;
    my $said = qx(cd '$scripts/..' && env $variables sh ./config 2>&1);
    is($? >> 8, 1, "config, $variables: ends ./configure");
    like($said, $expected, 'and says what to do');
}

# An nginx that does not start fails nginx's own tests alike with the module and without it, which is no agreement.
my $checkout = tempdir(CLEANUP => 1);
make_path("$checkout/lib/Test");
my %files = ('lib/Test/Nginx.pm' => "1;\n", 'alike.t' => "print qq(1..1\nok 1\n);\n", nginx => qq(#!/bin/sh\n[ "\$1" = -V ] || { echo does not feel like it; exit 1; }\n));
for my $name (keys %files) {
    open my $file, '>', "$checkout/$name" or die "$name: $!";
    print $file $files{$name};
    close $file or die "$name: $!";
}
chmod 0755, "$checkout/nginx";
my $said = qx(TEST_NGINX_BINARY=$checkout/nginx IPFENCE_MODULE=/dev/null timeout 60 '$scripts/nginx-tests' $checkout 2>&1);
is($? >> 8, 2, 'nginx-tests: nothing is compared with an nginx that does not start');
is($said, "nginx-tests: nginx does not start with its own modules: does not feel like it\n", 'and why');

done_testing;
