// SPDX-License-Identifier: Apache-2.0
// Heads and chunked bodies as an enemy sends them: no crash, no byte taken twice, the same outcome
// however the bytes are cut.
#include "http/chunk_decoder.h"
#include "http/head_parser.h"

#include <cstdlib>
#include <string>

namespace {

using namespace nacre::http;

void require(bool condition) {
  if (!condition)
    std::abort();
}

struct Decoded {
  std::string data;
  std::size_t used = 0;
  bool done = false;
  bool fault = false;
  bool operator==(const Decoded&) const = default;
};

Decoded decode(std::string_view text, std::size_t piece) {
  ChunkDecoder decoder;
  Decoded out;
  while (!text.empty() && !decoder.done() && decoder.fault() == nullptr) {
    auto part = text.substr(0, piece);
    text.remove_prefix(part.size());
    while (!part.empty() && !decoder.done() && decoder.fault() == nullptr) {
      std::size_t step = 0;
      if (decoder.data_left() != 0) {
        step = static_cast<std::size_t>(std::min<std::uint64_t>(decoder.data_left(), part.size()));
        out.data += part.substr(0, step);
        decoder.take_data(step);
      } else {
        step = decoder.skip_framing(std::as_bytes(std::span{part}));
        require(step != 0);
      }
      out.used += step;
      part.remove_prefix(step);
    }
  }
  out.done = decoder.done();
  out.fault = decoder.fault() != nullptr;
  return out;
}

void check_view(std::string_view view, const std::string& text) {
  require(view.empty() ||
          (view.data() >= text.data() && view.data() + view.size() <= text.data() + text.size()));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  std::string text{reinterpret_cast<const char*>(bytes), size};
  const HeadLimits limits{.header_count = 16, .head_bytes = 4096, .target_bytes = 256};

  HeadScanner whole;
  const auto state = whole.scan(text, limits);
  HeadScanner pieces;
  auto piecewise = HeadScanner::State::more;
  for (std::size_t end = 1; end <= text.size() && piecewise == HeadScanner::State::more; ++end)
    piecewise = pieces.scan(std::string_view{text}.substr(0, end), limits);
  // Limits may strike a little earlier or later; a good head is good in any cut.
  if (state == HeadScanner::State::complete)
    require(piecewise == state && pieces.size() == whole.size());

  if (state == HeadScanner::State::complete) {
    std::string head = text.substr(0, whole.size());
    RequestHead request;
    HeadFraming framing;
    if (!parse_request_head(head, limits, request, framing)) {
      require(request.fields.size() <= limits.header_count);
      require(!(framing.chunked && framing.length));
      require(!request.path.empty());
      for (const Field& line : request.fields.lines()) {
        check_view(line.name, head);
        check_view(line.value, head);
        require(valid_name(line.name) && valid_value(line.value));
      }
    }
    std::string again = text.substr(0, whole.size());
    ResponseHead response;
    if (!parse_response_head(again, limits, response, framing))
      require(response.status >= 100 && response.status <= 999);
    text.erase(0, whole.size());
  }
  const auto once = decode(text, text.size() + 1);
  require(once == decode(text, 1));
  require(once == decode(text, 3));
  return 0;
}
