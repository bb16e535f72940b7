"""What was said in a meeting, as text: kept, searched, downloaded and summed up."""
