#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ipfence {

/// The walk through a policy document: where it is now, and what it found. Findings carry paths,
/// not lines: lines are looked up afterwards, and only when there is a finding (json_position.hpp).
class Inspection {
  public:
    struct Remark {
        std::string path;
        std::string message;
        bool is_error;
    };

    /// While it lives, the walk is at this member or element.
    class Place {
      public:
        ~Place() { path_.resize(outer_size_); }
        Place(const Place &) = delete;
        Place &operator=(const Place &) = delete;

      private:
        friend class Inspection;
        Place(std::string &path, std::string_view step);
        std::string &path_;
        std::size_t outer_size_;
    };

    [[nodiscard]] Place enter(std::string_view key);
    [[nodiscard]] Place enter(std::size_t index);

    void error(std::string message);
    void warning(std::string message);

    const std::vector<Remark> &remarks() const noexcept { return remarks_; }

  private:
    std::string path_;
    std::vector<Remark> remarks_;
};

/// What one more step adds to a path. It begins with a NUL byte, which no key of a policy holds:
/// the path of the key "a.b" is not that of the key "b" in the member "a".
std::string path_step(std::string_view key);
std::string path_step(std::size_t index);

/// A path as a person reads it: `a.b[1]`.
std::string path_text(std::string_view path);

}  // namespace ipfence
