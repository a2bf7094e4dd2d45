-- Files that nobody has stored again for as long as their project keeps anything. Sessions are found by their ids, which begin
-- with the time, and archived contexts by the index that there is.
CREATE INDEX memory_files_stored ON memory_files (project_id, stored_at);
