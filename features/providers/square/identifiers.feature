@integrity @pci-6.2.4 @cwe-22 @cwe-918 @asvs-V1.3.6 @asvs-V2.2.1
Feature: An id is a name, not a path

  Square's SDK puts ids into addresses as they are. An id with a path in it, from an event or from a request, would let
  somebody else choose what the shop asks Square for, under the shop's own access token.

  @high @defect-C10
  Scenario: An id with a path in it asks Square for nothing
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    And nothing is under way any more
    When an odd event arrives, about an id with a path in it
    Then the shop still answers
    And the order stays unpaid
    And the provider was asked nothing since

  @high @defect-C10
  Scenario: A token with a path in it asks Square for nothing
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    And nothing is under way any more
    When an attacker names the address of another payment in place of a card
    Then the answer is a refusal, not an error of the server
    And the provider was asked nothing since
