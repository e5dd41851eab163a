#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace ipfence::test {

/// What came of a call of the built `ipfence`.
struct Completed {
    int exit_code;  ///< -1 when a signal ended it
    std::string output;
    std::string errors;
};

/// Calls `ipfence` with `input` on standard input, and waits for its end.
Completed call(const std::vector<std::string> &arguments, std::string_view input = {});

/// The same, with these files as standard input and output.
Completed call_with_files(const std::vector<std::string> &arguments, const std::string &input_file,
                          const std::string &output_file);

/// A running `ipfence` at the other end of two pipes.
class Conversation {
  public:
    explicit Conversation(const std::vector<std::string> &arguments);
    ~Conversation();
    Conversation(const Conversation &) = delete;
    Conversation &operator=(const Conversation &) = delete;

    /// Writes to its standard input; false when it no longer reads.
    bool say(std::string_view text) const;
    /// The next line it wrote, without the newline; empty when there is none within ten seconds.
    std::string hear();
    /// Reads this many lines and drops them; false when there are not as many.
    bool hear_lines(std::size_t count);
    /// Its largest resident set so far, in KiB, from /proc: getrusage would count the image of the
    /// process that forked it, too.
    long peak_memory() const;

    void stop_talking();
    void stop_listening();
    /// Waits for its end: its exit code, or -1 when a signal ended it.
    int exit_code();

  private:
    bool fill();

    pid_t process_ = -1;
    int input_ = -1;
    int output_ = -1;
    std::string heard_;
};

/// A directory with files that is removed with this object.
class Files {
  public:
    Files();
    ~Files();
    Files(const Files &) = delete;
    Files &operator=(const Files &) = delete;

    /// Writes a file; returns its path.
    std::string write(std::string_view name, std::string_view text) const;
    std::string path(std::string_view name) const;

  private:
    std::string directory_;
};

/// A policy that meets every kind of answer: alice is `standard` (203.0.113.0/24), batch is
/// unrestricted; the app `mobile` relaxes for activated devices, `relaxed` always, with continuous
/// IP enforcement off.
std::string_view example_policy();

}  // namespace ipfence::test
