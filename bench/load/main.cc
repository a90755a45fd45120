// bench_load: a closed-loop load generator for servers that speak the Redis protocol. One thread, one epoll set; every
// reply is checked. Prints one JSON object at the end. `--help` lists the options; bench/compare is its usual caller.
//
// A run ends after --requests, after --seconds, or at SIGTERM, whichever is first. What happens during
// --warmup-seconds is not counted.

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "client.h"
#include "process_cpu.h"
#include "workload.h"

namespace tidemark::bench {
namespace {

constexpr char kHelp[] =
    "usage: bench_load --port N [option value]...\n"
    "  --host A            IPv4 address (127.0.0.1)\n"
    "  --command C         get, mget, set or mixed; hset, hget, lpush, rpush, lrange, sadd, sismember, zadd,\n"
    "                      zrangebyscore, zrank, xadd or xrange (get)\n"
    "  --set-percent N     share of SET in mixed (20)\n"
    "  --keys-per-request N  of mget (1)\n"
    "  --connections N     (50)\n"
    "  --pipeline N        requests per batch (1)\n"
    "  --keys N            how many keys (1000000)\n"
    "  --first-key N       index of the first of them (0)\n"
    "  --value-bytes N     (64)\n"
    "  --key-prefix S      of the keys of containers (key:)\n"
    "  --members N         in each container (100000)\n"
    "  --member-bytes N    length of a field or member (16)\n"
    "  --members-per-request N  of commands that add members (1)\n"
    "  --order O           random, sequential, shuffled or zipf (random)\n"
    "  --seed N            (1)\n"
    "  --verify V          shape or bytes (bytes)\n"
    "  --requests N        end after N requests (0: no such end)\n"
    "  --seconds S         end after S seconds (0: no such end)\n"
    "  --warmup-seconds S  run so long before counting (0)\n"
    "  --cpu N             run on this core only (-1: any)\n"
    "  --server-pid N      also report the CPU time of this process (0: none)\n";

volatile sig_atomic_t stop_requested = 0;

void RequestStop(int) {
  stop_requested = 1;
}

struct Options {
  WorkloadOptions workload;
  Client::Options client{.host = "127.0.0.1", .port = 0, .pipeline = 1, .verify = Verify::kBytes};
  uint32_t connections = 50;
  uint64_t requests = 0;
  double seconds = 0;
  double warmup_seconds = 0;
  int cpu = -1;
  pid_t server_pid = 0;
};

template <typename Number>
Number ParseNumber(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) Die("not a number in range: " + std::string(text));
  return number;
}

template <typename Enum>
Enum ParseName(std::string_view text, const std::map<std::string_view, Enum>& names) {
  const auto found = names.find(text);
  if (found == names.end()) Die("unknown choice: " + std::string(text));
  return found->second;
}

const std::map<std::string_view, Command> kCommands = {
    {"get", Command::kGet},
    {"mget", Command::kMGet},
    {"set", Command::kSet},
    {"mixed", Command::kMixed},
    {"hset", Command::kHSet},
    {"hget", Command::kHGet},
    {"lpush", Command::kLPush},
    {"rpush", Command::kRPush},
    {"lrange", Command::kLRange},
    {"sadd", Command::kSAdd},
    {"sismember", Command::kSIsMember},
    {"zadd", Command::kZAdd},
    {"zrangebyscore", Command::kZRangeByScore},
    {"zrank", Command::kZRank},
    {"xadd", Command::kXAdd},
    {"xrange", Command::kXRange},
};

void SetOption(std::string_view name, std::string_view value, Options* options) {
  if (name == "--host") {
    options->client.host = value;
  } else if (name == "--port") {
    options->client.port = ParseNumber<uint16_t>(value);
  } else if (name == "--command") {
    options->workload.command = ParseName<Command>(value, kCommands);
  } else if (name == "--set-percent") {
    options->workload.set_percent = ParseNumber<uint32_t>(value);
  } else if (name == "--keys-per-request") {
    options->workload.keys_per_request = ParseNumber<uint32_t>(value);
  } else if (name == "--connections") {
    options->connections = ParseNumber<uint32_t>(value);
  } else if (name == "--pipeline") {
    options->client.pipeline = ParseNumber<uint32_t>(value);
  } else if (name == "--keys") {
    options->workload.key_count = ParseNumber<uint32_t>(value);
  } else if (name == "--first-key") {
    options->workload.first_key = ParseNumber<uint64_t>(value);
  } else if (name == "--value-bytes") {
    options->workload.value_bytes = ParseNumber<uint32_t>(value);
  } else if (name == "--key-prefix") {
    options->workload.key_prefix = value;
  } else if (name == "--members") {
    options->workload.member_count = ParseNumber<uint32_t>(value);
  } else if (name == "--member-bytes") {
    options->workload.member_bytes = ParseNumber<uint32_t>(value);
  } else if (name == "--members-per-request") {
    options->workload.members_per_request = ParseNumber<uint32_t>(value);
  } else if (name == "--order") {
    options->workload.order = ParseName<Order>(value, {{"random", Order::kRandom},
                                                       {"sequential", Order::kSequential},
                                                       {"shuffled", Order::kShuffled},
                                                       {"zipf", Order::kZipf}});
  } else if (name == "--seed") {
    options->workload.seed = ParseNumber<uint64_t>(value);
  } else if (name == "--verify") {
    options->client.verify = ParseName<Verify>(value, {{"shape", Verify::kShape}, {"bytes", Verify::kBytes}});
  } else if (name == "--requests") {
    options->requests = ParseNumber<uint64_t>(value);
  } else if (name == "--seconds") {
    options->seconds = ParseNumber<double>(value);
  } else if (name == "--warmup-seconds") {
    options->warmup_seconds = ParseNumber<double>(value);
  } else if (name == "--cpu") {
    options->cpu = ParseNumber<int>(value);
  } else if (name == "--server-pid") {
    options->server_pid = ParseNumber<pid_t>(value);
  } else {
    Die("unknown option " + std::string(name) + "; --help lists them");
  }
}

Options ParseOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    if (std::string_view(argv[i]) == "--help") {
      std::fputs(kHelp, stdout);
      std::exit(0);
    }
    if (i + 1 == argc) Die(std::string("no value for ") + argv[i]);
    SetOption(argv[i], argv[i + 1], &options);
  }
  if (options.client.port == 0) Die("--port is needed");
  if (options.connections == 0 || options.client.pipeline == 0 || options.workload.key_count == 0) {
    Die("--connections, --pipeline and --keys must be at least 1");
  }
  const WorkloadOptions& workload = options.workload;
  if (workload.keys_per_request == 0) Die("--keys-per-request must be at least 1");
  if (workload.member_count == 0 || workload.members_per_request == 0 ||
      workload.member_count % workload.members_per_request != 0) {
    Die("--members must be a multiple of --members-per-request, and both at least 1");
  }
  return options;
}

void PinTo(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (sched_setaffinity(0, sizeof(set), &set) != 0) Die("cannot run on core " + std::to_string(cpu));
}

double OwnCpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Runs the load and prints the result. Three moments: start, `measure_from` (the warm-up is over: counters and CPU
// readings begin anew) and the end.
class Run {
 public:
  explicit Run(const Options& options) : options_(options), workload_(MakeWorkload(options.workload)) {
    epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
    for (uint32_t i = 0; i < options_.connections; ++i) {
      clients_.push_back(std::make_unique<Client>(options_.client, workload_.get(), &tally_));
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u32 = i;
      epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, clients_[i]->fd(), &event);
    }
  }

  void Execute() {
    const uint64_t start = NowNs();
    measured_since_ = start;
    measure_from_ = start + ToNs(options_.warmup_seconds);
    const uint64_t forever = std::numeric_limits<uint64_t>::max();
    const uint64_t end_at = options_.seconds > 0 ? measure_from_ + ToNs(options_.seconds) : forever;
    unsent_ = options_.requests > 0 ? options_.requests : forever;
    if (options_.warmup_seconds == 0) BeginMeasure(start);
    for (uint32_t i = 0; i < clients_.size(); ++i) SendNext(i);

    while (busy_ > 0 && !stop_requested) {
      epoll_event events[256];
      const int count = epoll_wait(epoll_fd_, events, 256, 100);
      const uint64_t now = NowNs();
      if (now >= end_at) break;
      if (!measuring_ && now >= measure_from_) BeginMeasure(now);
      for (int i = 0; i < count; ++i) Serve(events[i].data.u32, events[i].events);
    }
    const uint64_t end = NowNs();
    const ProcessCpu server_end = ReadProcessCpu(options_.server_pid);
    Print(static_cast<double>(end - measured_since_) / 1e9, server_end, OwnCpuSeconds() - own_cpu_start_);
  }

 private:
  static uint64_t ToNs(double seconds) { return static_cast<uint64_t>(seconds * 1e9); }

  void BeginMeasure(uint64_t now) {
    measuring_ = true;
    measured_since_ = now;
    server_start_ = ReadProcessCpu(options_.server_pid);
    own_cpu_start_ = OwnCpuSeconds();
    // Errors stay counted: a wrong reply during the warm-up is wrong all the same.
    tally_.latency.Reset();
    tally_.replies = 0;
  }

  void Serve(uint32_t index, uint32_t events) {
    Client& client = *clients_[index];
    if (events & EPOLLOUT) {
      client.OnWritable();
      if (!client.wants_write()) Watch(index, EPOLLIN);
    }
    if (events & ~static_cast<uint32_t>(EPOLLOUT)) client.OnReadable();
    if (client.idle()) {
      --busy_;
      SendNext(index);
    }
  }

  void SendNext(uint32_t index) {
    const uint32_t count = static_cast<uint32_t>(std::min<uint64_t>(unsent_, options_.client.pipeline));
    if (count == 0) return;
    unsent_ -= count;
    ++busy_;
    clients_[index]->SendBatch(count, NowNs());
    if (clients_[index]->wants_write()) Watch(index, EPOLLIN | EPOLLOUT);
  }

  void Watch(uint32_t index, uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u32 = index;
    epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, clients_[index]->fd(), &event);
  }

  void Print(double seconds, const ProcessCpu& server_end, double own_cpu_seconds) const {
    const auto micros = [this](double fraction) {
      return static_cast<double>(tally_.latency.Percentile(fraction)) / 1e3;
    };
    std::string error;
    for (char c : tally_.first_error) error += c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' ' ? '?' : c;
    std::printf("{\"replies\": %llu, \"seconds\": %.6f, \"ops_per_second\": %.1f, ",
                static_cast<unsigned long long>(tally_.replies), seconds,
                static_cast<double>(tally_.replies) / seconds);
    std::printf("\"p50_us\": %.2f, \"p99_us\": %.2f, \"p999_us\": %.2f, \"max_us\": %.2f, ", micros(0.5), micros(0.99),
                micros(0.999), static_cast<double>(tally_.latency.max()) / 1e3);
    std::printf("\"errors\": %llu, \"misses\": %llu, \"wrong\": %llu, \"first_error\": \"%s\", ",
                static_cast<unsigned long long>(tally_.errors), static_cast<unsigned long long>(tally_.misses),
                static_cast<unsigned long long>(tally_.wrong), error.c_str());
    std::printf("\"server_cpu_seconds\": %.6f, \"server_user_seconds\": %.2f, \"server_system_seconds\": %.2f, ",
                server_end.total_seconds - server_start_.total_seconds,
                server_end.user_seconds - server_start_.user_seconds,
                server_end.system_seconds - server_start_.system_seconds);
    std::printf("\"load_cpu_seconds\": %.6f, \"seed\": %llu}\n", own_cpu_seconds,
                static_cast<unsigned long long>(options_.workload.seed));
  }

  const Options options_;
  std::unique_ptr<Workload> workload_;
  Tally tally_;
  std::vector<std::unique_ptr<Client>> clients_;
  int epoll_fd_ = -1;
  uint64_t unsent_ = 0;
  uint32_t busy_ = 0;  // connections that wait for replies
  bool measuring_ = false;
  uint64_t measure_from_ = 0;
  uint64_t measured_since_ = 0;
  ProcessCpu server_start_;
  double own_cpu_start_ = 0;
};

}  // namespace
}  // namespace tidemark::bench

int main(int argc, char** argv) {
  using tidemark::bench::Options;
  const Options options = tidemark::bench::ParseOptions(argc, argv);
  if (options.cpu >= 0) tidemark::bench::PinTo(options.cpu);
  struct sigaction action {};
  action.sa_handler = tidemark::bench::RequestStop;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  tidemark::bench::Run(options).Execute();
  return 0;
}
