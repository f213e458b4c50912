-- In which other runs a worker has begun a training is looked up where they begin one.
CREATE INDEX trainees_of_workers ON trainees (worker);
