#include "engine/credential/form_post.hpp"

#include <gtest/gtest.h>

#include <array>
#include <ctime>
#include <string>

namespace ipfence::form_post_test {
namespace {

using std::string_view;

constexpr std::array<string_view, 3> kWanted{"code", "access_token", "id_token"};

// The values that are there, in the order of kWanted; or "ambiguous".
std::string read(string_view body) {
    const FormPostPage page(body, kWanted);
    if (page.is_ambiguous()) {
        return "ambiguous";
    }
    std::string text;
    for (std::size_t index = 0; index < kWanted.size(); ++index) {
        if (!page.value(index).empty()) {
            text += (text.empty() ? "" : " ") + page.value(index);
        }
    }
    return text;
}

// The page of oidc-provider's form_post.
TEST(FormPost, ReadsAPageInLowerCase) {
    EXPECT_EQ(read(R"(<!DOCTYPE html>
<head>
  <meta http-equiv="X-UA-Compatible" content="IE=edge">
  <title>Callback</title>
  <script>
    document.addEventListener('DOMContentLoaded', function () { document.forms[0].submit() });
  </script>
</head>
<body>
  <form method="post" action="https://app.example/cb?a=1&amp;b=2">
    <input type="hidden" name="code" value="zYx_1-2"/>
<input type="hidden" name="state" value="&quot;&gt;&lt;input name=code value=x&gt;"/>
<input type="hidden" name="iss" value="https://id.example"/>
    <noscript>
      This browser doesn't run scripts.<br/>
      <button autofocus type="submit">Continue</button>
    </noscript>
  </form>
</body>
</html>)"),
              "zYx_1-2");
}

// The page of Keycloak's form_post.
TEST(FormPost, ReadsAPageInUpperCase) {
    EXPECT_EQ(read("<HTML>  <HEAD>    <TITLE>Response</TITLE>  </HEAD>"
                   "  <BODY Onload=\"document.forms[0].submit()\">"
                   "    <FORM METHOD=\"POST\" ACTION=\"https://app.example/cb\">"
                   "  <INPUT TYPE=\"HIDDEN\" NAME=\"session_state\" VALUE=\"2f1c-77\" />"
                   "  <INPUT TYPE=\"HIDDEN\" NAME=\"id_token\" VALUE=\"e30.e30.c2ln\" />"
                   "  <INPUT TYPE=\"HIDDEN\" NAME=\"code\" VALUE=\"5e-1.2f1c-77.0a\" />"
                   "      <NOSCRIPT>        <P>JavaScript is disabled.</P>"
                   "        <INPUT name=\"continue\" TYPE=\"SUBMIT\" VALUE=\"CONTINUE\" />"
                   "      </NOSCRIPT>    </FORM>  </BODY></HTML>"),
              "5e-1.2f1c-77.0a e30.e30.c2ln");
}

TEST(FormPost, ReadsEverySpellingOfAnInput) {
    for (const char *body :
         {R"(<input type="hidden" name="code" value="C">)", "<INPUT VALUE='C' NAME='code'>",
          "<input name=code value=C>", "<input\n\tname = \"code\"\r\n value = \"C\"\f>",
          "<input name=\"code\"value=\"C\"/>", "<input/name=\"code\"/value=C>",
          "<input disabled name=code value=C x>", "<input =x name=code value=C>",
          "<input a='>' b=\"'\" name=code value=C>", "<input type=hidde&#110; name=code value=C>",
          "<input name=code value=C><input name=code value=C>", "<input name=code value=&#67;>",
          "<input name=c&#x6F;de value=&#X43;>", "<input name=code value='C'><input name=code",
          "<input name='' value=x><input value=y><input name=code value=C>"}) {
        EXPECT_EQ(read(body), "C") << body;
    }
    EXPECT_EQ(
        read("<input name=access&lowbar;token value='a&period;b&plus;&sol;&equals;&amp;lt;'>"),
        "a.b+/=&lt;");
    EXPECT_EQ(read("<input name=code value=a/>"), "a/") << "unquoted, the slash is the value's";
}

TEST(FormPost, FindsTheInputBehindOtherMarkup) {
    for (const string_view before : {"<p title='>'>",
                                     "<p title=\"<!--\">",
                                     "</p title='<!--'>",
                                     "a < b",
                                     "<3",
                                     "<>",
                                     "</>",
                                     "<!-->",
                                     "<!--->",
                                     "<!-- x -->",
                                     "<!-- x --!>",
                                     "<!---->",
                                     "<!-- -- - -->",
                                     "<!doctype '>",
                                     "<?xml '>",
                                     "</ '>",
                                     "<![CDATA['>",
                                     "<script>'<!--'</script>",
                                     "<script>\"</script >",
                                     "<title>'</TITLE\n>",
                                     "<textarea><input </textarea>",
                                     "<style></styles></style>",
                                     "<noscript>",
                                     "<titles>"}) {
        const std::string body = std::string(before) + "<input name=code value=C>";
        EXPECT_EQ(read(body), "C") << body;
    }
}

TEST(FormPost, OtherPagesHandNothingOut) {
    for (const string_view body :
         {"",
          "<h1>Log in</h1><input name=login><input name=password type=password>",
          "<input name=code>",
          "<input name=code value=\"\">",
          "access_token code id_token",
          "<script>'<input name=code value=C>'</script>",
          "<!-- <input name=code value=C> -->",
          "<!--!><input name=code value=C>",
          "<!---!><input name=code value=C>",
          "<textarea><input name=code value=C></textarea>",
          "<style><input name=code value=C></style>",
          "<inputs name=code value=C>",
          "<p name=code value=C>",
          "<",
          "<input",
          "<!--",
          "<!",
          "</",
          "a < b",
          "<script><input name=code value=C>",
          "<script></scripts><input name=code value=C>",
          "<script></script",
          "<input name=codes value=C>",
          "<input name=Code value=C>",
          "<p title='<input name=code value=C>'>",
          "</p '<input name=code value=C>",
          "</p title='<input name=code value=C>'>",
          "<!x <input name=code value=C>",
          "<?x <input name=code value=C>",
          "<input name='code value=C>",
          "<input name=state value='&unknown; a&b \n'>",
          "<input name=&unknown; value=C>"}) {
        EXPECT_EQ(read(body), "") << body;
    }
}

// A code that came by message, and is shown again where it was wrong.
TEST(FormPost, WhatTheUserTypesOrChoosesIsNotHandedOut) {
    for (const string_view type : {"text", "number", "TEL", "password", "submit", "radio"}) {
        EXPECT_EQ(read("<input name=code value=123456 type=" + std::string(type) + '>'), "");
    }
    EXPECT_EQ(read("<input name=code value=123456 type=hidden>"), "123456");
    EXPECT_EQ(read("<input type=radio name=code value=1><input type=radio name=code value=2>"), "");
}

TEST(FormPost, TwoReadingsAreAmbiguous) {
    for (const string_view body : {"<input name=code value=a><input name=code value=b>",
                                   "<input name=code name=x value=a>",
                                   "<input name=code value=a value=b>",
                                   "<input name=code value='' value=b>",
                                   "<input type=hidden type=text name=code value=b>",
                                   "<input name=code value=a",
                                   "<input name=code value='a",
                                   "<input name=code value=&unknown;>",
                                   "<input name=code value=&#0;>",
                                   "<input name=code value=a&b>",
                                   "<input name=code value=a&amp>",
                                   "<input name=code value=&#65>",
                                   "<input name=code value=&#>",
                                   "<input name=code value=&#x>",
                                   "<input name=code value=&#x110000;>",
                                   "<input name=code value=&#99999999999999999999;>",
                                   "<input name=code value=&#-65;>",
                                   "<input name=cod&#101 value=a>",
                                   "<input name=code value='a\nb'>",
                                   "<input name=code value=&#10;>"}) {
        EXPECT_EQ(read(body), "ambiguous") << body;
    }
}

// Were any of these read again and again, it would take minutes.
TEST(FormPost, HostilePagesAreReadInOnePass) {
    constexpr std::size_t kSize = 1024 * 1024;
    constexpr double kSeconds = 2;
    for (const string_view piece : {"<",
                                    "<a ",
                                    "<a>",
                                    "<!--",
                                    "<!--->",
                                    "--",
                                    "<script>",
                                    "<script></scrip",
                                    "<title></title>",
                                    "<input name=code value=",
                                    "<input name=code>",
                                    "<input ",
                                    "&#",
                                    "&#1",
                                    "='",
                                    "</",
                                    "</a ",
                                    "<!",
                                    "<?",
                                    "\"",
                                    "/",
                                    "="}) {
        for (const string_view before : {"", "<!--", "<script>", "<input name=code value='"}) {
            std::string body(before);
            while (body.size() < kSize) {
                body += piece;
            }
            const std::clock_t start = std::clock();
            (void)read(body);
            const std::clock_t taken = std::clock() - start;
            EXPECT_LT(static_cast<double>(taken) / CLOCKS_PER_SEC, kSeconds) << before << piece;
        }
    }
}

}  // namespace
}  // namespace ipfence::form_post_test
