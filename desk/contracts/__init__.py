"""What plug-ins must keep, as functions: for the test suite, for `desk strategies check`, for tests of your own."""
