# What the tests' Redmine starts with: the tables, Redmine's own default data (roles, trackers, statuses,
# workflows), four people, and two projects. The keys of the API are those of redmine_server.py.

ActiveRecord::Tasks::DatabaseTasks.migrate
ActiveRecord::Base.connection.schema_cache.clear!
ActiveRecord::Base.descendants.each(&:reset_column_information)
Setting.clear_cache
Redmine::DefaultData::Loader.load("en")

Setting.rest_api_enabled = "1"
Setting.login_required = "1"
Setting.default_language = "en"

def person(login, first, last, key, admin: false)
  user = User.new(:firstname => first, :lastname => last, :mail => "#{login}@example.com", :language => "en")
  user.login = login
  user.password = "a long password"
  user.admin = admin
  user.mail_notification = "none"
  user.save!
  user.pref.update!(:hide_mail => false)
  Token.where(:user_id => user.id, :action => "api").delete_all
  token = Token.create!(:user => user, :action => "api")
  token.update_column(:value, key)
  user
end

person("root", "Rita", "Root", "a" * 40, :admin => true)
bot = person("threatmodel", "Threat", "Model", "b" * 40)
ben = person("ben", "Ben", "Berger", "c" * 40)
person("eve", "Eve", "Outside", "e" * 40)

developer = Role.find_by!(:name => "Developer")
manager = Role.find_by!(:name => "Manager")

[["Payments", "payments", false], ["Website", "website", true]].each do |name, identifier, is_public|
  project = Project.new(:name => name, :is_public => is_public)
  project.identifier = identifier
  project.enabled_module_names = %w(issue_tracking)
  project.trackers = Tracker.all
  project.save!
  Member.create!(:project => project, :principal => bot, :roles => [manager])
  Member.create!(:project => project, :principal => ben, :roles => [developer])
end
