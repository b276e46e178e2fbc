#!/bin/bash
echo "good morning" > /testbed/greeting.txt
