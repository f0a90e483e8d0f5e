// The one main() of every Boost.Test program.
#define BOOST_TEST_MODULE casebridge
#include <boost/test/unit_test.hpp>
