#!/bin/bash
if [ "$(cat /testbed/greeting.txt)" = "good morning" ]; then
  echo "test_greeting PASSED"
  echo 1 > /logs/verifier/reward.txt
else
  echo "test_greeting FAILED"
  echo 0 > /logs/verifier/reward.txt
fi
