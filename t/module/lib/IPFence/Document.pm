package IPFence::Document;

# The commands of a document for people, run as they are written: each block of ```sh in its order, by a shell that stops at
# the first that fails. A block without a word behind it is what the block before it prints; a line of it that is only
# "…" stands for any lines, a number in front of one for any number, moments for any moment, and blanks are as good as others.

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use Test::More;
use IPFence::Gate;

our @EXPORT = qw(blocks run_document run_commands);

my $root = abs_path(dirname(__FILE__) . '/../../../..');

# The blocks of a file of this repository as {line, language, text}, without the indentation of the list that they are in.
sub blocks {
    my ($name) = @_;
    my (@blocks, $open, $number);
    for my $line (split /\n/, IPFence::Gate::read_whole("$root/$name")) {
        ++$number;
        if (!$open && $line =~ /\A( *)```(\w*)\z/) {
            $open = {line => $number, indentation => $1, language => $2, text => ''};
        } elsif ($open && $line =~ /\A *```\z/) {
            push @blocks, $open;
            undef $open;
        } elsif ($open) {
            $open->{text} .= ($line =~ s/\A\Q$open->{indentation}\E//r) . "\n";
        }
    }
    return @blocks;
}

# What expected text means: see above.
sub pattern {
    my ($text) = @_;
    my @lines = map { /\A\s*…\s*\z/ ? '(?:.*\n)*?' : line_pattern($_) . '\n' } split /\n/, $text;
    return qr/\A@{[join '', @lines]}\z/;
}

sub line_pattern {
    my ($line) = @_;
    my $moment = qr/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00/;
    my @words = map { /\A$moment\z/ ? $moment : quotemeta } split ' ', $line;
    $words[0] = '\d+' if $words[0] =~ /\A\d+\z/;
    return '[ \t]*' . join('[ \t]+', @words) . '[ \t]*';
}

# Runs the commands of a document where `gate` stands for the one that they are about. `after` maps a pattern to what is
# looked at after the one block that it matches.
sub run_document {
    my ($name, $gate, %after) = @_;
    my @blocks = blocks($name);
    my @commands = grep { $blocks[$_]{language} eq 'sh' } 0 .. $#blocks;
    cmp_ok(scalar @commands, '>', 4, "$name has commands");
    my %unseen = %after;
    for my $index (@commands) {
        my $block = $blocks[$index];
        my ($status, $output) = run_commands($gate, $block->{text});
        is($status, 0, "$name:$block->{line} runs") or diag "$block->{text}\n$output";
        my $next = $blocks[$index + 1];
        like($output, pattern($next->{text}), "$name:$next->{line} is what it prints") if $next && $next->{language} eq '';
        for my $pattern (grep { $block->{text} =~ /$_/ } keys %after) {
            ok(delete $unseen{$pattern}, "$pattern is one block");
            $after{$pattern}->();
        }
    }
    is_deeply([keys %unseen], [], "$name has each block that something is looked at after");
}

# Runs commands in the directory of `gate`; (exit status, what they printed).
sub run_commands {
    my ($gate, $text) = @_;
    my $directory = $gate->{dir};
    $text =~ s{/var/log/nginx/ipfence\.ndjson}{$directory/audit.ndjson}g;
    $text =~ s{/etc/nginx}{$directory}g;
    $gate->write_file('commands', $text);
    mkdir $gate->file('bin');
    my %environment = IPFence::Gate::sanitizer_environment();
    my $exports = join '', map { "export $_='$environment{$_}'\n" } sort keys %environment;
    $gate->write_file('bin/nginx', "#!/bin/sh\n${exports}exec " . join(' ', $gate->nginx_command) . " \"\$@\"\n");
    chmod 0755, $gate->file('bin/nginx');
    symlink IPFence::Gate::command_path(), $gate->file('bin/ipfence');
    local $ENV{PATH} = $gate->file('bin') . ":$ENV{PATH}";
    my $output = `cd $directory && bash -euo pipefail commands 2>commands.stderr`;
    my $status = $? >> 8;
    return ($status, $status ? $output . IPFence::Gate::read_whole($gate->file('commands.stderr')) : $output);
}

1;
