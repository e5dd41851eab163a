#!/usr/bin/env perl
# What scripts/mutation runs: each mutant of the files, one after the other, in a copy of the tree that is built already.
#
#   run.pl COPY FILE...

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;

use File::Spec;
use Mutants qw(line_of mutants_of mutated);

# A mutant that never ends is killed by this.
my $seconds = 60;

$| = 1;
my ($copy, @files) = @ARGV;
my $equivalent = equivalent_mutants("$FindBin::Bin/equivalent_mutants");
my ($killed, $meaningless, @survivors, @excused) = (0, 0);

# Tests that fail as they are would kill every mutant.
my %folders = map { folder_of($_) => 1 } @files;
for my $folder (sort keys %folders) {
    die "mutation: the tests of engine/$folder fail without any mutant\n" if is_killed($folder);
}
for my $file (@files) {
    my $text = contents("$copy/$file");
    my $folder = folder_of($file);
    for my $mutant (mutants_of($text)) {
        write_text("$copy/$file", mutated($text, $mutant));
        my $fate = !is_built($folder) ? 'meaningless' : is_killed($folder) ? 'killed' : 'survived';
        $killed++ if $fate eq 'killed';
        $meaningless++ if $fate eq 'meaningless';
        note($file, $text, $mutant) if $fate eq 'survived';
    }
    write_text("$copy/$file", $text);
}
my @unused = grep { !$equivalent->{$_}{used} && is_of_run($_) } sort keys %$equivalent;
print "an equivalent mutant that was killed or is gone: $_\n" for @unused;
printf "%d of %d mutants killed, %d equivalent, %d do not compile\n", $killed, $killed + @survivors, scalar @excused,
    $meaningless;
exit(@survivors || @unused ? 1 : 0);

sub note {
    my ($file, $text, $mutant) = @_;
    my $line = line_of($text, $mutant);
    my $name = name_of($file, (split /\n/, $text)[$line - 1], $mutant);
    if ($equivalent->{$name}) {
        $equivalent->{$name}{used} = 1;
        push @excused, $name;
        return;
    }
    push @survivors, $name;
    print "survived, line $line: $name\n";
}

# A mutant as equivalent_mutants has it, without the number of its line, which changes.
sub name_of {
    my ($file, $line, $mutant) = @_;
    my ($code, $was, $now) = map { s/^\s+|\s+$//gr =~ s/\s+/ /gr } $line, $mutant->{was}, $mutant->{now};
    return "$file: $code [$was -> $now]";
}

sub folder_of {
    my ($file) = @_;
    return $file =~ m{^engine/(\w+)/} ? $1 : die "mutation: $file is not in a folder of engine/\n";
}

sub is_of_run { my ($name) = @_; return grep { index($name, "$_: ") == 0 } @files }

# Names of mutants, each below the comment that says why no test can tell it from the original.
sub equivalent_mutants {
    my ($path) = @_;
    return {map { $_ => {} } grep { /\S/ && !/^#/ } split /\n/, contents($path)};
}

sub is_built { my ($folder) = @_; return quietly('ninja', '-C', "$copy/build", "${folder}_test") == 0 }

sub is_killed {
    my ($folder) = @_;
    return quietly('timeout', $seconds, "$copy/build/t/unit/$folder/${folder}_test", '--gtest_brief=1', '--gtest_fail_fast') != 0;
}

sub quietly {
    my $child = fork // die "mutation: fork: $!\n";
    if ($child == 0) {
        open STDOUT, '>', File::Spec->devnull;
        open STDERR, '>&', \*STDOUT;
        exec @_ or die "mutation: $_[0]: $!\n";
    }
    waitpid $child, 0;
    exit 1 if ($? & 127) == 2;
    return $?;
}

sub contents {
    my ($path) = @_;
    open my $file, '<', $path or die "mutation: $path: $!\n";
    local $/;
    return scalar <$file>;
}

sub write_text {
    my ($path, $text) = @_;
    open my $file, '>', $path or die "mutation: $path: $!\n";
    print {$file} $text;
    close $file or die "mutation: $path: $!\n";
}
