#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <iterator>
#include <string>
#include <thread>

#include "t/unit/cli/program.hpp"

namespace ipfence::test::compile_test {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRequests =
    R"({"operation": "login", "user": "alice@example.com", "ip": "203.0.113.9"}
{"operation": "login", "user": "alice@example.com", "ip": "198.51.100.9"}
{"operation": "login", "user": "nobody", "app": "mobile-client-id", "flow": "web_server"}
)";

TEST(Compile, EveryCallTakesEitherForm) {
    const Files files;
    const std::string policy = files.write("policy.json", example_policy());
    const std::string compiled = files.path("policy.ipf");
    const Completed compile = call({"compile", policy, "-o", compiled});
    ASSERT_EQ(compile.exit_code, 0) << compile.errors;
    EXPECT_EQ(compile.errors, "") << "no progress bar where there is no terminal";
    EXPECT_EQ(compile.output.rfind(compiled + ": policy ", 0), 0U) << compile.output;

    const std::string counted = call({"check", policy}).output.substr(policy.size());
    EXPECT_EQ(call({"check", compiled}).output, compiled + counted) << "also the policy's hash";
    const Completed decided = call({"decide", "--policy", compiled}, kRequests);
    EXPECT_EQ(decided.exit_code, 0);
    EXPECT_EQ(decided.output, call({"decide", "--policy", policy}, kRequests).output);
    EXPECT_EQ(
        call({"explain", "--policy", compiled, "--operation", "login", "--user", "alice"}).output,
        call({"explain", "--policy", policy, "--operation", "login", "--user", "alice"}).output);
}

TEST(Compile, APolicyIsNotReplacedByItsImage) {
    const Files files;
    const std::string policy = files.write("policy.json", example_policy());
    const std::string link = files.path("link");
    fs::create_symlink(policy, link);
    for (const std::string &output : {policy, link}) {
        const Completed compile = call({"compile", policy, "-o", output});
        EXPECT_EQ(compile.exit_code, 2);
        EXPECT_EQ(compile.errors, output + ": is the policy itself: name another file\n");
    }
    EXPECT_EQ(fs::file_size(policy), std::string_view(example_policy()).size());
    EXPECT_TRUE(fs::is_symlink(link));
}

TEST(Compile, AFaultyPolicyWritesNothing) {
    const Files files;
    const std::string policy = files.write("policy.json", R"({"ipfence": 1})");
    const std::string compiled = files.write("policy.ipf", "the old one");
    const Completed compile = call({"compile", policy, "-o", compiled});
    EXPECT_EQ(compile.exit_code, 1);
    EXPECT_EQ(compile.output, "");
    EXPECT_EQ(compile.errors, call({"check", policy}).errors);
    struct stat status {};
    ASSERT_EQ(::stat(compiled.c_str(), &status), 0);
    EXPECT_EQ(status.st_size, 11) << "it is as it was";
}

TEST(Compile, AFileThatIsDamagedIsRefusedByName) {
    const Files files;
    const std::string compiled = files.write("policy.ipf", "ipfenceP and then nothing");
    const Completed check = call({"check", compiled});
    EXPECT_EQ(check.exit_code, 1);
    EXPECT_EQ(check.errors, compiled + ": the compiled policy is cut short\n");
}

TEST(Compile, NeedsAFileToWrite) {
    const Files files;
    const std::string policy = files.write("policy.json", example_policy());
    EXPECT_EQ(call({"compile", policy}).exit_code, 2);
    const Completed compile = call({"compile", policy, "-o", files.path("missing/policy.ipf")});
    EXPECT_EQ(compile.exit_code, 1);
    EXPECT_NE(compile.errors.find("cannot be created"), std::string::npos) << compile.errors;
}

class CompileOver : public testing::Test {
  protected:
    std::string path(const char *name) const { return files_.path(name); }

    Completed compile(const std::string &output) const {
        return call({"compile", policy_, "-o", output});
    }

    // Whether a file has the whole policy.
    bool is_policy(const std::string &file) const {
        return call({"check", file}).exit_code == 0 && is_regular_file(file);
    }

    static bool is_regular_file(const std::string &file) {
        return fs::is_regular_file(fs::symlink_status(file));
    }

    // That nothing is left beside what a test knows of.
    std::size_t files() const {
        const fs::directory_iterator directory(fs::path(path("policy.json")).parent_path());
        return static_cast<std::size_t>(std::distance(begin(directory), end(directory)));
    }

    const Files files_;
    const std::string policy_ = files_.write("policy.json", example_policy());
};

TEST_F(CompileOver, APipeIsWrittenInto) {
    ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
    const int reader = ::open(path("pipe").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    const Completed compiled = compile(path("pipe"));
    EXPECT_EQ(compiled.exit_code, 0) << compiled.errors;
    EXPECT_EQ(compiled.output.rfind(path("pipe") + ": policy ", 0), 0U) << compiled.output;
    EXPECT_TRUE(fs::is_fifo(fs::symlink_status(path("pipe"))));
    std::string image(64 * 1024, '\0');
    const ssize_t size = ::read(reader, image.data(), image.size());
    ::close(reader);
    ASSERT_GT(size, 0);
    EXPECT_TRUE(
        is_policy(files_.write("read.ipf", image.substr(0, static_cast<std::size_t>(size)))));
    EXPECT_EQ(files(), 3u);
}

TEST_F(CompileOver, AFailureToWriteIntoADeviceIsSaid) {
    // /dev/full itself may be written over by who is root, should this go wrong.
    const Completed compiled = compile(files_.path("."));
    EXPECT_EQ(compiled.exit_code, 1);
    EXPECT_NE(compiled.errors.find("cannot be written: Is a directory"), std::string::npos)
        << compiled.errors;
    EXPECT_EQ(compiled.output, "");
}

TEST_F(CompileOver, ASymbolicLinkStays) {
    fs::create_directory(path("releases"));
    fs::create_symlink("next.ipf", path("releases/current.ipf"));
    fs::create_symlink("releases/current.ipf", path("policy.ipf"));
    for (const char *what : {"a link to nothing", "a link to a file"}) {
        const Completed compiled = compile(path("policy.ipf"));
        EXPECT_EQ(compiled.exit_code, 0) << what << compiled.errors;
        EXPECT_EQ(fs::read_symlink(path("policy.ipf")), "releases/current.ipf") << what;
        EXPECT_EQ(fs::read_symlink(path("releases/current.ipf")), "next.ipf") << what;
        EXPECT_TRUE(is_policy(path("releases/next.ipf"))) << what;
        EXPECT_EQ(files(), 3u) << what;
        files_.write("releases/next.ipf", "old");
    }
    fs::create_symlink("loop.ipf", path("loop.ipf"));
    EXPECT_NE(compile(path("loop.ipf")).errors.find("levels of symbolic links"), std::string::npos);
}

TEST_F(CompileOver, AFileKeepsItsMode) {
    for (const ::mode_t mode : {0600U, 0640U, 0664U, 0400U}) {
        const std::string old = files_.write("policy.ipf", "old");
        ASSERT_EQ(::chmod(old.c_str(), mode), 0);
        struct stat before {};
        ASSERT_EQ(::stat(old.c_str(), &before), 0);
        EXPECT_EQ(compile(old).exit_code, 0);
        struct stat after {};
        ASSERT_EQ(::stat(old.c_str(), &after), 0);
        EXPECT_EQ(after.st_mode, before.st_mode);
        EXPECT_EQ(after.st_gid, before.st_gid);
        EXPECT_NE(after.st_ino, before.st_ino) << "it is another one";
        EXPECT_TRUE(is_policy(old));
        fs::remove(old);
    }
}

// A policy that takes its time to be written.
std::string large_policy() {
    constexpr int kUsers = 100'000;
    std::string text = R"({"ipfence": 1, "organization": {"default_profile": "p"}, "profiles": )"
                       R"({"p": {"unrestricted": true}}, "users": {"u": "p")";
    for (int user = 0; user < kUsers; ++user) {
        text += ",\"user-of-some-length-" + std::to_string(user) + "@example.com\": \"p\"";
    }
    return text + "}}";
}

TEST_F(CompileOver, NothingHasANameBeforeItIsWhole) {
    const std::string large = files_.write("large.json", large_policy());
    std::atomic<bool> is_over = false;
    std::size_t partial = 0;
    std::thread looking([&] {
        while (!is_over) {
            for (const auto &entry : fs::directory_iterator(fs::path(large).parent_path())) {
                partial += entry.path().extension() == ".tmp" ? 1 : 0;
            }
        }
    });
    const Completed compiled = call({"compile", large, "-o", path("large.ipf")});
    is_over = true;
    looking.join();
    EXPECT_EQ(compiled.exit_code, 0) << compiled.errors;
    EXPECT_EQ(partial, 0U) << "which whatever ends it meanwhile would leave";
    EXPECT_TRUE(is_policy(path("large.ipf")));
}

TEST_F(CompileOver, ALimitOfFilesIsAnErrorAndLeavesNothing) {
    const std::string large = files_.write("large.json", large_policy());
    const std::string old = files_.write("policy.ipf", "old");
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
    const rlimit small{64 * 1024, limit.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const Completed compiled = call({"compile", large, "-o", old});
    ::setrlimit(RLIMIT_FSIZE, &limit);
    EXPECT_EQ(compiled.exit_code, 1);
    EXPECT_NE(compiled.errors.find("cannot be written: File too large"), std::string::npos)
        << compiled.errors;
    EXPECT_EQ(files(), 3U);
    EXPECT_EQ(fs::file_size(old), 3U);
}

TEST_F(CompileOver, StandardOutputTakesNothingButThePolicy) {
    const std::string piped = files_.write("piped.ipf", "");
    for (const char *name : {"-", "/dev/fd/1"}) {
        EXPECT_EQ(call_with_files({"compile", policy_, "-o", name}, policy_, piped).exit_code, 0);
        EXPECT_TRUE(is_policy(piped)) << name;
        fs::resize_file(piped, 0);
    }
    EXPECT_TRUE(is_policy(files_.write("caught.ipf", compile("-").output)));
}

}  // namespace
}  // namespace ipfence::test::compile_test
