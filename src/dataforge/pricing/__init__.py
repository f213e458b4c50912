"""What a page holds, takes and costs, chosen before anybody is paid."""
